"""Layers that multiply: linear ones, embeddings, convolutions of each kind."""

from collections import OrderedDict

import torch
from torch import nn
from torch.nn import functional as F


def named(**modules):
    """A Sequential whose modules have names."""
    return nn.Sequential(OrderedDict(modules))


def linear():
    return nn.Sequential(nn.Linear(5, 4), nn.ReLU(), nn.Linear(4, 3))


def linear_on_steps():
    return named(linear=nn.Linear(5, 3, bias=False))


class activations(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(5, 6)

    def forward(self, x):
        x = self.linear(x)
        bounded = [F.relu(x), F.relu6(x), F.elu(x), F.selu(x), F.sigmoid(x), F.tanh(x), F.softplus(x), F.softsign(x)]
        others = [F.softmax(x, -1), F.log_softmax(x, -1), F.silu(x), F.mish(x), F.gelu(x), F.gelu(x, approximate="tanh"), x]
        return torch.cat(bounded + others, -1)


def embedding():
    return named(embedding=nn.Embedding(7, 4, padding_idx=0))


def conv1d():
    return named(conv=nn.Conv1d(3, 4, 3, stride=2))


def conv1d_dilated():
    return named(conv=nn.Conv1d(3, 4, 3, padding="same", dilation=2))


def conv2d():
    return named(conv=nn.Conv2d(3, 4, (3, 2), stride=(2, 1), bias=False))


def conv2d_dilated():
    return named(conv=nn.Conv2d(3, 4, 3, padding="same", dilation=2))


def conv2d_even():
    return named(conv=nn.Conv2d(3, 4, (2, 4), padding="same"))


def conv2d_strided():
    return named(pad=nn.ZeroPad2d((0, 1, 0, 1)), conv=nn.Conv2d(3, 4, 3, stride=2))


def conv2d_same():
    return named(conv=nn.Conv2d(3, 4, 3, padding=1))


def conv3d():
    return named(conv=nn.Conv3d(2, 4, (3, 2, 1)))


def conv_transpose2d():
    return named(conv=nn.ConvTranspose2d(3, 2, (3, 4), stride=(2, 3)))


def conv_transpose2d_same():
    return named(conv=nn.ConvTranspose2d(3, 2, 4, stride=2, padding=1))


def conv_transpose2d_odd():
    return named(conv=nn.ConvTranspose2d(3, 2, 3, stride=2), cut=nn.ZeroPad2d((0, -1, 0, -1)))


def conv_transpose2d_gaps():
    return named(conv=nn.ConvTranspose2d(3, 2, 2, stride=3, output_padding=1, bias=False))


def conv_transpose2d_wide_gaps():
    return named(conv=nn.ConvTranspose2d(3, 2, 1, stride=3, output_padding=2))


def conv_transpose3d():
    return named(conv=nn.ConvTranspose3d(3, 2, (2, 3, 2), stride=2))


def depthwise():
    return named(conv=nn.Conv2d(3, 3, (3, 2), groups=3))


def depthwise_multiplied():
    return named(conv=nn.Conv2d(3, 6, 3, stride=2, groups=3, bias=False))


def separable():
    depthwise = nn.Conv2d(3, 6, 3, padding=1, groups=3, bias=False)
    return named(separable=named(depthwise=depthwise, pointwise=nn.Conv2d(6, 4, 1)))
