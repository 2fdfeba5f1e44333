"""Runs the modules of this folder with weights of ours, and with their own.

    python run_cases.py <folder>

The folder has cases.json, and for each case <case>.safetensors (weights of ours) and <case>.inputs.safetensors. Written are
<case>.own.safetensors (the weights of a module that PyTorch made and trained) and <case>.outputs.safetensors: what the module gives with
either; outcomes.json says how each case went. A module takes weights of ours as its users load them, with strict=True.
"""

import json
import os
import sys

import torch
from safetensors.torch import load_file, save_file

import affine
import normalization
import orders
import recurrent
import whole_models

families = [affine, normalization, recurrent, orders, whole_models]


def make_module(name):
    return next(getattr(family, name) for family in families if hasattr(family, name))()


def channels_first(x):
    return x.movedim(-1, 1) if x.dim() > 2 else x


def channels_last(x):
    return x.movedim(1, -1) if x.dim() > 2 else x


def train(module, inputs):
    """A few steps, so that biases, scales and statistics are not those that modules start with."""
    parameters = list(module.parameters())
    for step in range(3):
        loss = (module(*inputs) - step - 1).square().mean()
        if parameters:
            module.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(parameters, 1)
            torch.optim.SGD(parameters, lr=0.1).step()


def run_case(folder, case):
    path = os.path.join(folder, case["name"])
    stored = load_file(f"{path}.inputs.safetensors")
    inputs = [stored[f"{i}"] for i in range(len(stored))]
    if case["isChannelsFirst"]:
        inputs = [channels_first(x) for x in inputs]

    def predict(module):
        module.eval()
        with torch.no_grad():
            output = module(*inputs)
        return (channels_last(output) if case["isChannelsFirst"] else output).contiguous()

    theirs = make_module(case["module"])
    theirs.load_state_dict(load_file(f"{path}.safetensors"), strict=True)
    torch.manual_seed(case["seed"])
    own = make_module(case["ownModule"])
    train(own, inputs)
    save_file(own.state_dict(), f"{path}.own.safetensors", metadata={"format": "pt"})
    save_file({"ours": predict(theirs), "own": predict(own)}, f"{path}.outputs.safetensors")
    leaves = [type(one).__name__ for one in own.modules() if type(one).__module__.startswith("torch.") and not list(one.children())]
    return sorted(set(leaves))


def main(folder):
    with open(os.path.join(folder, "cases.json"), encoding="utf-8") as source:
        cases = json.load(source)
    outcomes = {}
    for case in cases:
        try:
            outcomes[case["name"]] = {"modules": run_case(folder, case)}
        except Exception as error:
            outcomes[case["name"]] = {"error": f"{type(error).__name__}: {error}"}
    with open(os.path.join(folder, "outcomes.json"), "w", encoding="utf-8") as target:
        json.dump({"torch": torch.__version__, "cases": outcomes}, target)


main(sys.argv[1])
