"""Reads every file of a folder with one library, and writes each again with it.

    python read_with.py <library> <folder>

The folder holds manifest.json. What was read goes to <folder>/<library>.json, the copies to <folder>/<library>/.
"""

import json
import os
import sys

import numpy as np
import pyarrow as pa
import pyarrow.ipc as ipc

from plain import plain_array, plain_object


def read_arrow(path, format):
    """A validated pyarrow table over a memory map."""
    source = pa.memory_map(path)
    table = (ipc.open_file if format == "file" else ipc.open_stream)(source).read_all()
    table.validate(full=True)
    return table


def write_arrow(table, path, format, compression):
    options = ipc.IpcWriteOptions(compression=compression)
    writer = (ipc.new_file if format == "file" else ipc.new_stream)(path, table.schema, options=options)
    with writer:
        writer.write_table(table)


class PyArrow:
    def read(self, path, format):
        self.table = read_arrow(path, format)
        return self.table

    def write(self, path, format, compression):
        write_arrow(self.table, path, format, compression)


class DuckDB(PyArrow):
    """DuckDB reads Arrow tables in memory: no release of it can read the files without an extension from the network."""

    def read(self, path, format):
        import duckdb

        source = read_arrow(path, format)
        self.table = duckdb.sql("select * from source").to_arrow_table()
        return self.table


class Polars:
    def read(self, path, format):
        import polars as pl

        self.frame = (pl.read_ipc if format == "file" else pl.read_ipc_stream)(path)
        return self.frame.to_arrow()

    def write(self, path, format, compression):
        import polars as pl

        write = self.frame.write_ipc if format == "file" else self.frame.write_ipc_stream
        write(path, compression=compression or "uncompressed")


class Pandas:
    def read(self, path, format):
        import pandas as pd

        self.frame = pd.read_feather(path)
        return self.frame

    def write(self, path, format, compression):
        self.frame.to_feather(path, compression=compression or "uncompressed")


class NumPy:
    """Weights as n-dimensional arrays whose first index runs fastest, as in Julia."""

    def read(self, path, format):
        self.table = read_arrow(path, format)
        self.rows = [self.arrays(row) if row.is_valid else None for row in self.table["weights"]]
        return self.rows

    def arrays(self, row):
        return [
            np.reshape(array["vec"].values.to_numpy(zero_copy_only=False), array["size"].values.to_pylist(), order="F")
            for array in row["weights"].values
        ]

    def write(self, path, format, compression):
        rows = [
            row and {"weights": [{"vec": array.ravel(order="F"), "size": array.shape} for array in row]}
            for row in self.rows
        ]
        field = self.table.schema.field("weights").with_metadata({})
        write_arrow(self.table.set_column(0, field, pa.array(rows, field.type)), path, format, compression)


READERS = {"pyarrow": PyArrow, "polars": Polars, "DuckDB": DuckDB, "pandas": Pandas, "numpy": NumPy}


def columns_of(library, table):
    if library == "pandas":
        return {name: plain_column(table[name]) for name in table}
    if library == "numpy":
        return {"weights": [row and {"weights": [plain_weights(array) for array in row]} for row in table]}
    return {name: plain_array(table[name]) for name in table.column_names}


def plain_column(column):
    """A column of pandas, where NaN may stand for a missing value."""
    return [plain_object(cell) if is_there else None for cell, is_there in zip(column, column.notna())]


def plain_weights(array):
    return {"vec": plain_object(array.ravel(order="F")), "size": [{"bigint": str(length)} for length in array.shape]}


def facts_of(library, table):
    """What else is asserted: Arrow types as pyarrow prints them, element types as numpy names them."""
    if library == "pyarrow":
        return {"types": {field.name: str(field.type) for field in table.schema}}
    if library == "numpy":
        return {"elementTypes": [array.dtype.name for row in table if row for array in row]}
    return {}


def attempt(run):
    """What `run` returns, or how it failed; panics of Rust are no Exceptions."""
    try:
        return run()
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        return {"error": f"{type(error).__name__}: {error}"}


def read_file(library, folder, file):
    reader = READERS[library]()

    def read():
        table = reader.read(os.path.join(folder, file["name"]), file["format"])
        return {"columns": columns_of(library, table), **facts_of(library, table)}

    def write():
        reader.write(os.path.join(folder, library, file["name"]), file["format"], file["compression"])
        return {}

    outcome = attempt(read)
    return outcome if "error" in outcome else {**outcome, "copy": attempt(write)}


def main(library, folder):
    with open(os.path.join(folder, "manifest.json"), encoding="utf-8") as source:
        files = [file for file in json.load(source) if library in file["readers"]]
    os.makedirs(os.path.join(folder, library))
    outcomes = {file["name"]: read_file(library, folder, file) for file in files}
    with open(os.path.join(folder, f"{library}.json"), "w", encoding="utf-8") as target:
        json.dump(outcomes, target, allow_nan=False)


main(*sys.argv[1:])
