"""Says what PyTorch reads of each safetensors file of a folder, and writes some of its own there at first.

    python tensors.py <folder>

tensors.json has for each file and tensor its type, its shape and its bytes. PyTorch's own: every-type.safetensors, half.safetensors (a module
in float16 and one in bfloat16), refused-*.safetensors, and a model in shards in the folder sharded/.
"""

import glob
import json
import math
import os
import sys

import torch
from huggingface_hub import save_torch_state_dict
from safetensors.torch import load_file, save_file
from torch import nn

floats = [0.0, -0.0, 1.0, -2.5, 1 / 3, 65504.0, 2.0**-24, 2.0**-133, math.inf, -math.inf, math.nan]
integers = [torch.int8, torch.int16, torch.int32, torch.int64, torch.uint8, torch.uint16, torch.uint32, torch.uint64]


def every_type():
    tensors = {str(dtype): torch.tensor(floats).to(dtype) for dtype in [torch.float16, torch.bfloat16, torch.float32, torch.float64]}
    for dtype in integers:
        bounds = torch.iinfo(dtype)
        tensors[str(dtype)] = torch.tensor([[bounds.min, 0, 1], [2, 3, bounds.max]], dtype=dtype)
    return {
        **tensors,
        "torch.bool": torch.tensor([True, False, True]),
        "random": torch.randn(3, 4, 5, dtype=torch.bfloat16),
        "scalar": torch.tensor(7, dtype=torch.int64),
        "empty": torch.zeros(0, 3, dtype=torch.float16),
    }


def write(folder):
    torch.manual_seed(1)
    save_file(every_type(), os.path.join(folder, "every-type.safetensors"), metadata={"format": "pt"})
    model = nn.ModuleDict({"a": nn.Linear(3, 2).half(), "b": nn.Linear(2, 4).bfloat16()})
    save_file(model.state_dict(), os.path.join(folder, "half.safetensors"), metadata={"format": "pt"})
    for dtype in [torch.float8_e4m3fn, torch.complex64]:
        save_file({"x": torch.zeros(2, dtype=dtype)}, os.path.join(folder, f"refused-{dtype}.safetensors"))
    layers = nn.Sequential(*[nn.Linear(8, 8) for _ in range(6)])
    os.makedirs(os.path.join(folder, "sharded"))
    save_torch_state_dict(layers.state_dict(), os.path.join(folder, "sharded"), max_shard_size=600)


def described(tensor):
    bits = tensor.flatten().view(torch.uint8).numpy().tobytes().hex()
    return {"dtype": str(tensor.dtype).removeprefix("torch."), "shape": list(tensor.shape), "hex": bits}


def main(folder):
    if not os.path.exists(os.path.join(folder, "every-type.safetensors")):
        write(folder)
    found = {}
    for path in sorted(glob.glob(os.path.join(folder, "**", "*.safetensors"), recursive=True)):
        if "refused" not in path:
            found[os.path.relpath(path, folder)] = {name: described(tensor) for name, tensor in load_file(path).items()}
    with open(os.path.join(folder, "tensors.json"), "w", encoding="utf-8") as target:
        json.dump(found, target)


main(sys.argv[1])
