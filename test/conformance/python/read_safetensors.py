"""Reads every safetensors file of a folder with the `safetensors` package, and writes each again with it.

    python read_safetensors.py <folder>

What was read goes to <folder>/outcomes.json, the copies to <folder>/copies/.
"""

import glob
import json
import os
import sys

from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from plain import plain_object


def described(dtype, shape, values):
    return {"dtype": dtype, "shape": list(shape), "values": values}


def with_numpy(path, copy):
    with safe_open(path, framework="np") as file:
        metadata = file.metadata()
    tensors = load_file(path)
    save_file(tensors, copy, metadata=metadata)
    read = {name: described(array.dtype.name, array.shape, plain_object(array.ravel())) for name, array in tensors.items()}
    return {"metadata": metadata, "tensors": read}


def attempt(read):
    try:
        return read()
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


def main(folder):
    copies = os.path.join(folder, "copies")
    os.makedirs(copies)
    outcomes = {}
    for path in sorted(glob.glob(os.path.join(folder, "*.safetensors"))):
        name = os.path.basename(path)
        outcomes[name] = attempt(lambda: with_numpy(path, os.path.join(copies, name)))
    with open(os.path.join(folder, "outcomes.json"), "w", encoding="utf-8") as target:
        json.dump(outcomes, target, allow_nan=False)


main(sys.argv[1])
