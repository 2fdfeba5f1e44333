"""Values of Arrow arrays in the notation of the tests.

Lists are lists, structs are dicts, maps are lists of pairs, bytes are lists of numbers; 64-bit integers, times and durations
are {"bigint": "..."}, dates and timestamps are milliseconds, numbers that JSON lacks are {"number": "NaN"}.
"""

import math

import numpy as np
import pyarrow as pa
import pyarrow.types as types

MILLISECONDS = {"s": 1000, "ms": 1, "us": 1 / 1000, "ns": 1 / 1_000_000}


def bigint(value):
    return {"bigint": str(int(value))}


def number(value):
    value = float(value)
    if math.isnan(value):
        return {"number": "NaN"}
    if math.isinf(value):
        return {"number": "Infinity" if value > 0 else "-Infinity"}
    return value


def plain_array(array):
    """The values of a pyarrow Array or ChunkedArray."""
    return [plain(scalar) for scalar in array]


def plain(scalar):
    """The value of a pyarrow scalar."""
    kind = scalar.type
    if not scalar.is_valid:
        return None
    if isinstance(kind, pa.UuidType):
        return str(scalar.as_py())
    if isinstance(kind, pa.BaseExtensionType) or types.is_union(kind) or types.is_dictionary(kind):
        return plain(scalar.value)
    if types.is_struct(kind):
        return {name: plain(value) for name, value in scalar.items()}
    if types.is_map(kind):
        return [[plain(entry["key"]), plain(entry["value"])] for entry in scalar.values]
    if hasattr(kind, "value_type"):
        return plain_array(scalar.values)
    return plain_single(scalar, kind)


def plain_single(scalar, kind):
    if types.is_int64(kind) or types.is_uint64(kind):
        return bigint(scalar.as_py())
    if types.is_floating(kind):
        return number(scalar.as_py())
    if types.is_date32(kind):
        return scalar.value * 86_400_000
    if types.is_date64(kind):
        return scalar.value
    if types.is_timestamp(kind):
        return scalar.value * MILLISECONDS[kind.unit]
    if types.is_time(kind) or types.is_duration(kind):
        return bigint(scalar.value)
    if kind == pa.month_day_nano_interval():
        months, days, nanoseconds = scalar.as_py()
        assert months == 0 and nanoseconds % 1_000_000 == 0
        return bigint(days * 86_400_000 + nanoseconds // 1_000_000)
    if "binary" in str(kind):
        return list(scalar.as_py())
    return scalar.as_py()


def plain_object(value):
    """The value of a cell of pandas or of an element of numpy."""
    if isinstance(value, dict):
        return {name: plain_object(item) for name, item in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain_object(item) for item in value]
    if isinstance(value, (int, np.int64, np.uint64)) and not isinstance(value, bool):
        return bigint(value)
    if isinstance(value, np.generic):
        value = value.item()
    return number(value) if isinstance(value, float) else value
