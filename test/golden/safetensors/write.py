"""Writes the files of this folder with Python's safetensors; README.md says how to run it."""

import hashlib
import json
from pathlib import Path

import ml_dtypes
import numpy as np
from safetensors.numpy import save_file

here = Path(__file__).parent
manifest = {}


def save(name, tensors, metadata=None):
    save_file(tensors, here / name, metadata=metadata)
    manifest[name] = {
        "metadata": metadata or {},
        "sha256": hashlib.sha256((here / name).read_bytes()).hexdigest(),
        "tensors": {key: describe(array) for key, array in tensors.items()},
    }


def describe(array):
    """The elements as bytes; what has no type in JavaScript as numpy widens it."""
    held = array.astype(np.float32) if array.dtype == ml_dtypes.bfloat16 else array
    return {"dtype": array.dtype.name, "shape": list(array.shape), "hex": held.tobytes().hex()}


save(
    "types.safetensors",
    {
        "bool": np.array([[True, False, True], [False, False, True]]),
        "uint8": np.array([[0, 1, 255]], np.uint8),
        "int8": np.array([-128, -1, 127], np.int8),
        "uint16": np.array([0, 1, 65535], np.uint16),
        "int16": np.array([-32768, -1, 32767], np.int16),
        "uint32": np.array([0, 1, 2**32 - 1], np.uint32),
        "int32": np.array([-(2**31), -1, 2**31 - 1], np.int32),
        "uint64": np.array([0, 1, 2**64 - 1], np.uint64),
        "int64": np.array([-(2**63), -1, 2**63 - 1], np.int64),
        "float16": np.array([[1.5, -0.0, 65504.0], [np.inf, -np.inf, 6e-8]], np.float16),
        "bfloat16": np.array([[1.5, -0.0, 3.39e38], [np.inf, -np.inf, 9.2e-41]], ml_dtypes.bfloat16),
        "float32": np.array([[1.5, -0.0, 3.4028235e38], [np.inf, -np.inf, 1e-45]], np.float32),
        "float64": np.array([0.1, -0.0, 1.7976931348623157e308, 5e-324], np.float64),
    },
)
save(
    "shapes.safetensors",
    {
        "matrix": np.arange(24, dtype=np.float32).reshape(2, 3, 4),
        "scalar": np.array(7, np.int32),
        "empty": np.zeros((0, 5), np.float32),
        "ones": np.ones((1, 1, 1), np.float64),
    },
    {"format": "np", "epoch": "3", "ü": "ß\n"},
)
save(
    "names.safetensors",
    {name: np.full(2, i, np.int16) for i, name in enumerate(["10", "9", "__proto__", 'q"\\é\u0001', ""])},
    {"10": "ten", "9": "nine", "__proto__": "p"},
)
save("nothing.safetensors", {}, {"format": "pt"})
every = np.arange(0, 65536, 64, dtype=np.uint16)
edges = np.array([0x0001, 0x007F, 0x0080, 0x7F7F, 0x7F80, 0x7F81, 0x7FC1, 0x8001, 0xFF7F, 0xFF80, 0xFFFF], np.uint16)
save("bfloat16.safetensors", {"x": np.concatenate([every, edges]).view(ml_dtypes.bfloat16)}, {"format": "pt"})
save("float8.safetensors", {"x": np.arange(4, dtype=np.uint8).view(ml_dtypes.float8_e4m3fn)})

# A model in two shards, as transformers writes it.
shards = {
    "model-00001-of-00002.safetensors": {"embed.weight": np.arange(6, dtype=np.float32).reshape(3, 2)},
    "model-00002-of-00002.safetensors": {
        "head.weight": np.arange(4, dtype=np.float32).reshape(2, 2).astype(ml_dtypes.bfloat16),
        "head.bias": np.array([1, 2], np.float32),
    },
}
for name, tensors in shards.items():
    save(f"sharded/{name}", tensors, {"format": "pt"})
weight_map = {key: name for name, tensors in shards.items() for key in tensors}
total_size = sum(array.nbytes for tensors in shards.values() for array in tensors.values())
index = {"metadata": {"total_size": total_size, "total_parameters": 12}, "weight_map": weight_map}
(here / "sharded/model.safetensors.index.json").write_text(json.dumps(index, indent=2) + "\n")
(here / "manifest.json").write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")
