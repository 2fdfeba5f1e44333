"""Writes what this package never writes and others do, with the values that the writer sees.

    python write_foreign.py <folder>

Each file's description goes to <folder>/foreign.json: its feature, and its columns or, where it must be refused, the type's name.
"""

import datetime
import decimal
import json
import os
import sys

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.ipc as ipc

from plain import plain_array

FOLDER = sys.argv[1]
described = []


def describe(title, feature, table, *, model=False, writer="pyarrow", refused=None):
    columns = {} if refused else {name: plain_array(table[name]) for name in table.column_names}
    described.append(
        {"title": title, "feature": feature, "writer": writer, "model": model, "refused": refused, "columns": columns}
    )
    return os.path.join(FOLDER, f"{title}.arrow")


def save(title, feature, table, *, stream=False, options=None, batch_rows=None, **facts):
    path = describe(title, feature, table, **facts)
    with (ipc.new_stream if stream else ipc.new_file)(path, table.schema, options=options) as writer:
        writer.write_table(table, max_chunksize=batch_rows)


def weights_type(element, list_=pa.list_, nullable=True, size=pa.int64()):
    item = lambda kind: pa.field("item", kind, nullable)
    array = pa.struct([pa.field("vec", list_(item(element)), nullable), pa.field("size", list_(item(size)), nullable)])
    return pa.struct([pa.field("weights", list_(item(array)), nullable)])


def weights_of(*arrays):
    """Row-major numpy arrays as the column-major elements and sizes of Julia."""
    return {"weights": [{"vec": array.ravel(order="F"), "size": array.shape} for array in arrays]}


def models():
    kernel = np.arange(6, dtype=np.float32).reshape(2, 3)
    row = weights_of(kernel, np.array([0.5, -0.0], np.float32), np.array(np.nan, np.float32))
    rows = [row, None, weights_of(kernel.T), None, row]
    versions = pa.array([1, None, 2, 3, None], pa.int64())
    for nullable in (True, False):
        for name, list_ in (("List", pa.list_), ("LargeList", pa.large_list)):
            weights = pa.array(rows, weights_type(pa.float32(), list_, nullable))
            table = pa.table({"weights": weights, "architecture_version": versions})
            title = f"{name}, {'nullable' if nullable else 'not nullable'}"
            save(f"weights, {title}", "weights of numpy", table, model=True)
            save(f"weights, {title}, chunks", "several record batches", table, model=True, batch_rows=2)
            save(f"weights, {title}, slice", "slices of tables", table.slice(1, 3), model=True, stream=True)
            for codec in ("lz4", "zstd"):
                options = ipc.IpcWriteOptions(compression=codec)
                save(f"weights, {title}, {codec}", f"compression: {codec}", table, model=True, options=options)
    elements()
    dictionaries = pa.table(
        {
            "weights": pa.array(rows, weights_type(pa.float32())),
            "weights_layout": pa.array(["tfjs", None, "flux", None, "tfjs"]).dictionary_encode(),
            "weights_names": pa.array([["a", "b", "c"], None, ["d"], None, ["a", "é", "c"]]),
        }
    )
    save("companions, dictionary", "dictionary-encoded companions", dictionaries, model=True)
    beside = {
        "weights_layout": pa.array(["tfjs", None, "flux", None, "a layout of some length"], pa.string_view()),
        "weights_names": pa.array([["a", "b", "a name of some length"], None, ["d"], None, ["a", "é", "c"]], pa.list_(pa.string_view())),
    }
    save("companions, views", "companions as views", pa.table({"weights": dictionaries["weights"], **beside}), model=True)
    finite = weights_of(kernel, np.array([0.5, -0.0], np.float32))
    frame = pd.DataFrame({"weights": [finite, finite], "architecture_version": [1, 2]})
    path = describe("pandas, to_feather", "pandas: to_feather (LZ4)", pa.Table.from_pandas(frame), model=True, writer="pandas")
    frame.to_feather(path)


def elements():
    names = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64", "bool"]
    for name in names:
        dtype = np.dtype(name)
        if name == "bool":
            values = np.array([[True, False], [False, True], [True, True]])
        elif dtype.kind == "f":
            values = np.array([[0.1, -0.0], [np.inf, np.nan], [np.finfo(dtype).max, np.finfo(dtype).smallest_subnormal]], dtype)
        else:
            limits = np.iinfo(dtype)
            values = np.array([[limits.min, 0], [1, 2], [3, limits.max]], dtype)
        element = pa.from_numpy_dtype(dtype)
        table = pa.table({"weights": pa.array([weights_of(values, values.reshape(-1)[1:], values[0, 0])], weights_type(element))})
        save(f"element type {name}", "weights of numpy", table, model=True)


def column(title, feature, array, **facts):
    save(title, feature, pa.table({"value": array}), **facts)


def columns():
    moments = [datetime.datetime(1969, 12, 31, 23, 59, 59), None, datetime.datetime(2026, 1, 2, 3, 4, 5)]
    for unit in ("s", "ms", "us", "ns"):
        column(f"timestamp {unit}", "units of time", pa.array(moments, pa.timestamp(unit)))
        column(f"timestamp {unit}, zone", "units of time", pa.array(moments, pa.timestamp(unit, "Europe/Berlin")))
        column(f"duration {unit}", "units of time", pa.array([1, None, -(2**62)], pa.duration(unit)))
    for kind in (pa.time32("s"), pa.time32("ms"), pa.time64("us"), pa.time64("ns")):
        column(f"{kind}", "units of time", pa.array([0, None, 86_399], kind))
    column("date64", "units of time", pa.array([datetime.date(1969, 12, 31), None, datetime.date(2026, 1, 2)], pa.date64()))
    texts = ["", None, "Höhe 😀", "a\0b", "", "Höhe 😀"]
    binaries = [text and text.encode() for text in texts]
    for kind in (pa.string(), pa.large_string()):
        column(f"{kind}", "large text, binary", pa.array(texts, kind))
        for index in (pa.int8(), pa.uint16(), pa.int32(), pa.int64()):
            encoded = pa.array(texts, kind).dictionary_encode().cast(pa.dictionary(index, kind))
            column(f"dictionary of {kind}, {index}", "dictionaries", encoded)
    for kind in (pa.binary(), pa.large_binary()):
        column(f"{kind}", "large text, binary", pa.array(binaries, kind))
    views(texts, binaries)
    column("binary[3]", "large text, binary", pa.array([b"abc", None, b"\0\1\2"], pa.binary(3)))
    nested = pa.array([["a", "b"], [], None, ["a"]], pa.list_(pa.dictionary(pa.int8(), pa.string())))
    column("dictionary in lists", "dictionaries", nested)
    replaced = pa.chunked_array([pa.array(["a", "b"]).dictionary_encode(), pa.array(["c", None, "c"]).dictionary_encode()])
    column("dictionary replaced", "dictionaries", replaced, stream=True)
    grown = pa.chunked_array([pa.array(["a", "b"]).dictionary_encode(), pa.array(["a", "b", "c", "c"]).dictionary_encode()])
    column("dictionary delta", "dictionaries", grown, stream=True, options=ipc.IpcWriteOptions(emit_dictionary_deltas=True))
    bits = pa.array([i % 3 == 0 if i % 5 else None for i in range(40)])
    column("bits sliced", "slices of tables", bits.slice(3, 30))
    column("lists sliced", "slices of tables", pa.array([[1, 2], None, [3], [], [4, 5]]).slice(1, 3))
    column("text sliced", "slices of tables", pa.array(texts).slice(2, 3))
    column("null", "nulls", pa.nulls(3))
    column("no rows", "nulls", pa.array([], pa.list_(pa.string())))
    pairs = [[("a", 1), ("b", None)], None, []]
    column("map", "maps, unions", pa.array(pairs, pa.map_(pa.string(), pa.int32())))
    ids, places = pa.array([0, 1, 1, 0], pa.int8()), pa.array([0, 0, 1, 1], pa.int32())
    dense = pa.UnionArray.from_dense(ids, places, [pa.array([1, 2]), pa.array(["x", None])])
    column("union, dense", "maps, unions", dense)
    sparse = pa.UnionArray.from_sparse(ids, [pa.array([1, 0, 0, 2]), pa.array(["", "x", "y", ""])])
    column("union, sparse", "maps, unions", sparse)
    codes = pa.UnionArray.from_dense(pa.array([5, 9], pa.int8()), pa.array([0, 0], pa.int32()), [pa.array([1]), pa.array(["x"])], ["a", "b"], [5, 9])
    column("union, type codes 5 and 9", "maps, unions", codes)
    column("uuid", "extension types of Arrow", pa.array([bytes(range(16)), None], pa.uuid()))
    column("bool8", "extension types of Arrow", pa.ExtensionArray.from_storage(pa.bool8(), pa.array([0, 1, None], pa.int8())))
    column("json", "extension types of Arrow", pa.array(['{"a": 1}', None], pa.json_()))
    old = ipc.IpcWriteOptions(metadata_version=ipc.MetadataVersion.V4)
    column("metadata version 4", "older versions of the format", pa.array([1, 2]), options=old)


def views(texts, binaries):
    """Views with their bytes inside, up to twelve of them, and outside, in one buffer or several."""
    longer = [text and text * 3 + "twelve bytes" for text in texts]
    for name, values, kind in (("string", texts + longer, pa.string_view()), ("binary", binaries + [b"\xff" * 12, b"\xff" * 13], pa.binary_view())):
        array = pa.array(values, kind)
        column(f"{name} view", "text and bytes as views", array)
        column(f"{name} view, stream", "text and bytes as views", array, stream=True)
        column(f"{name} view, chunks", "text and bytes as views", array, batch_rows=3)
        column(f"{name} view, slice", "text and bytes as views", array.slice(1, 8))
        column(f"{name} view, lists", "text and bytes as views", pa.array([values, None, [], values[:1]], pa.list_(kind)))
        for codec in ("lz4", "zstd"):
            column(f"{name} view, {codec}", "text and bytes as views", array, options=ipc.IpcWriteOptions(compression=codec))
        encoded = pa.DictionaryArray.from_arrays(pa.array([0, 7, None, 0, 6], pa.int8()), array)
        column(f"dictionary of {name} views", "text and bytes as views", encoded)
    column("string view, several buffers", "text and bytes as views", pa.array([f"{i} " * 500 for i in range(100)], pa.string_view()))
    column("string view, no rows", "text and bytes as views", pa.array([], pa.string_view()))


def refused():
    refuse = lambda title, array, name: column(title, "types that are refused by name", array, refused=name)
    refuse("list view", pa.array([[1], [2, 3]], pa.list_view(pa.int32())), "list view")
    refuse("large list view", pa.array([[1]], pa.large_list_view(pa.int32())), "large list view")
    refuse("decimal", pa.array([decimal.Decimal("1.50")], pa.decimal128(5, 2)), "decimal")
    refuse("interval", pa.array([(1, 2, 3)], pa.month_day_nano_interval()), "interval")
    runs = pa.RunEndEncodedArray.from_arrays([2, 3], ["a", "b"])
    refuse("run-end encoded", runs, "run-end encoded")


def others():
    frame = pl.DataFrame({"value": ["a", None, "a text of more than twelve bytes"], "kind": ["x", "y", "x"]})
    frame = frame.with_columns(pl.col("kind").cast(pl.Categorical))
    oldest = pl.CompatLevel.oldest()
    table = frame.to_arrow(compat_level=oldest)
    frame.write_ipc(describe("polars, categorical", "polars: write_ipc(compat_level=oldest)", table, writer="polars"), compat_level=oldest)
    for codec in ("uncompressed", "lz4", "zstd"):
        frame.write_ipc(describe(f"polars, {codec}", "polars: write_ipc()", table, writer="polars"), compression=codec)
    frame.write_ipc_stream(describe("polars, stream", "polars: write_ipc_stream()", table, writer="polars"))
    nested = pl.DataFrame({"list": [["a", "a text of more than twelve bytes"], [], None], "bytes": [b"", b"\0" * 12, b"\0" * 13]})
    nested = nested.with_columns(pl.struct("list", "bytes").alias("struct"))
    nested.write_ipc(describe("polars, nested", "polars: write_ipc()", nested.to_arrow(compat_level=oldest), writer="polars"))
    joined = pl.DataFrame({"key": [2, 0, 1] * 100}).join(frame.with_row_index("key"), on="key", maintain_order="left")
    joined.write_ipc(describe("polars, joined", "polars: write_ipc()", joined.to_arrow(compat_level=oldest), writer="polars"))
    relation = duckdb.sql("select * from (values ('a'::ENUM('a', 'b'), 1, [1.5::DOUBLE, null]), ('b', null, [])) as t(kind, epoch, list)")
    save("DuckDB, enum", "DuckDB: to_arrow_table()", relation.to_arrow_table(), writer="DuckDB")


models()
columns()
refused()
others()
with open(os.path.join(FOLDER, "foreign.json"), "w", encoding="utf-8") as target:
    json.dump(described, target, allow_nan=False)
