"""Computes what PyTorch has under the name of a layer of TensorFlow.js, but otherwise.

    python differences.py <folder>

given.safetensors has the inputs and the arrays of a GRU; found.safetensors is written.
"""

import os
import sys

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional as F


def gru(given, kind):
    """nn.GRU with the gates of TensorFlow.js (update, reset, new) in the order of PyTorch (reset, update, new)."""
    rows = [torch.cat([array[1], array[0], array[2]]) for array in (
        given["kernel"].T.chunk(3), given[f"{kind}.recurrent_kernel"].T.chunk(3), given["bias"].chunk(3)
    )]
    module = nn.GRU(given["sequence"].shape[-1], rows[1].shape[-1], batch_first=True)
    names = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0"]
    module.load_state_dict({**dict(zip(names, rows)), "bias_hh_l0": torch.zeros_like(rows[2])}, strict=True)
    return module(given["sequence"])[0].detach()


def main(folder):
    given = load_file(os.path.join(folder, "given.safetensors"))
    image = given["image"].movedim(-1, 1)

    def larger(align_corners):
        return F.interpolate(image, scale_factor=2, mode="bilinear", align_corners=align_corners).movedim(1, -1)

    found = {
        "gru.whole": gru(given, "whole"),
        "gru.diagonal": gru(given, "diagonal"),
        "bilinear": larger(False),
        "bilinear, corners aligned": larger(True),
        "hardSigmoid": F.hardsigmoid(given["image"]),
    }
    save_file({name: tensor.contiguous() for name, tensor in found.items()}, os.path.join(folder, "found.safetensors"))


main(sys.argv[1])
