"""Reads files with Python's safetensors and prints every tensor's type, shape and bytes as JSON; README.md says how to run it."""

import json
import sys

import ml_dtypes  # noqa: F401 (teaches numpy bfloat16)
from safetensors import safe_open

result = {}
for path in sys.argv[1:]:
    with safe_open(path, framework="np") as file:
        result[path] = {
            "metadata": file.metadata() or {},
            "tensors": {
                name: {"dtype": array.dtype.name, "shape": list(array.shape), "hex": array.tobytes().hex()}
                for name in file.keys()
                for array in [file.get_tensor(name)]
            },
        }
print(json.dumps(result, ensure_ascii=False))
