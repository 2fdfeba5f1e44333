"""Writes the files of this folder with numpy; README.md says how to run it."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np

here = Path(__file__).parent
refused = here / "refused"
refused.mkdir(exist_ok=True)
manifest = {}


def record(name, arrays):
    manifest[name] = [describe(key, array) for key, array in arrays.items()]


def describe(name, array):
    """The elements in C order and little-endian, whatever the array has."""
    little = np.ascontiguousarray(array.astype(array.dtype.newbyteorder("<")))
    shape = list(array.shape)
    return {"name": name, "dtype": array.dtype.name, "shape": shape, "hex": little.tobytes().hex()}


types = {
    "bool": np.array([[True, False, True], [False, False, True]]),
    "uint8": np.array([[0, 1, 255]], np.uint8),
    "int8": np.array([-128, -1, 127], np.int8),
    "uint16": np.array([0, 1, 65535], np.uint16),
    "int16": np.array([-32768, -1, 32767], np.int16),
    "uint32": np.array([0, 1, 2**32 - 1], np.uint32),
    "int32": np.array([-(2**31), -1, 2**31 - 1], np.int32),
    "uint64": np.array([0, 1, 2**64 - 1], np.uint64),
    "int64": np.array([-(2**63), -1, 2**63 - 1], np.int64),
    "float16": np.array([0x3E00, 0x8000, 0x7C00, 0x7E01, 0xFE55, 0x0001], np.uint16).view(np.float16),
    "float32": np.array([0x3FC00000, 0x80000000, 0x7F800000, 0x7FC12345, 0xFFC00001, 1], np.uint32).view(np.float32),
    "float64": np.array([0.1, -0.0, 1.7976931348623157e308, 5e-324, np.inf, np.nan]),
}
np.savez(here / "types.npz", **types)
record("types.npz", types)

compressed = {**types, "zeros": np.zeros((64, 64), np.float32)}
np.savez_compressed(here / "compressed.npz", **compressed)
record("compressed.npz", compressed)

big = {name: array.astype(array.dtype.newbyteorder(">")) for name, array in types.items()}
np.savez(here / "big-endian.npz", **big)
record("big-endian.npz", big)

cube = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
orders = {
    "c": cube,
    "fortran": np.asfortranarray(cube),
    "fortran_matrix": np.asfortranarray(np.arange(6, dtype=np.int64).reshape(3, 2)),
    "fortran_row": np.asfortranarray(np.arange(3, dtype=np.float64).reshape(1, 3)),
    "fortran_deep": np.asfortranarray(np.arange(48, dtype=">i2").reshape(2, 3, 2, 4)),
    "fortran_empty": np.asfortranarray(np.zeros((3, 0, 2), np.float32)),
    "transposed": cube.T,
    "strided": cube[:, ::2, 1:3],
}
np.savez(here / "orders.npz", **orders)
record("orders.npz", orders)

shapes = {
    "scalar": np.array(3.5, np.float32),
    "one": np.array([7], np.int64),
    "empty": np.zeros((0,), np.float32),
    "empty_inside": np.zeros((2, 0, 3), np.uint8),
    "deep": np.arange(32, dtype=np.float64).reshape((1, 2) * 5),
    "layers.0/weight": np.ones((2, 2), np.float16),
    "größe_重み": np.ones((1,), np.float32),
}
np.savez(here / "shapes.npz", **shapes)
record("shapes.npz", shapes)

np.savez(here / "positional.npz", np.arange(3, dtype=np.int8), np.arange(4, dtype=np.uint16))
record("positional.npz", {"arr_0": np.arange(3, dtype=np.int8), "arr_1": np.arange(4, dtype=np.uint16)})

np.savez(here / "nothing.npz")
record("nothing.npz", {})


def save_version(version):
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, cube, version=version)
    return buffer.getvalue()


versions = {f"version_{major}": cube for major in (1, 2, 3)}
with zipfile.ZipFile(here / "versions.npz", "w") as archive:
    archive.comment = b"made by hand"
    for major in (1, 2, 3):
        archive.writestr(f"version_{major}.npy", save_version((major, 0)))
record("versions.npz", versions)

np.savez(refused / "complex64.npz", a=np.ones(2, np.complex64))
np.savez(refused / "complex128.npz", a=np.ones(2, np.complex128))
np.savez(refused / "object.npz", a=np.array([1, "x"], object))
np.savez(refused / "strings.npz", a=np.array(["abc", "de"]))
np.savez(refused / "bytes.npz", a=np.array([b"abc", b"de"]))
np.savez(refused / "structured.npz", a=np.array([(1, 2.0)], [("x", "<i4"), ("y", "<f4")]))
np.savez(refused / "datetime.npz", a=np.array(["2024-01-01"], "datetime64[D]"))
np.savez(refused / "longdouble.npz", a=np.ones(2, np.longdouble))
np.savez(refused / "void.npz", a=np.array([b"ab", b"cd"], "V2"))

(here / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
