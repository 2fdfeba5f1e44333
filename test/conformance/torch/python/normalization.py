"""Batch and layer normalization."""

from torch import nn

from affine import named


def batch_norm1d():
    return nn.Sequential(nn.Linear(5, 4), nn.BatchNorm1d(4), nn.Linear(4, 3))


def batch_norm_of_steps():
    return named(conv=nn.Conv1d(3, 4, 3), norm=nn.BatchNorm1d(4))


def batch_norm2d():
    return named(conv=nn.Conv2d(3, 4, 3), norm=nn.BatchNorm2d(4), relu=nn.ReLU())


def batch_norm_epsilon():
    return named(conv=nn.Conv2d(3, 4, 3), norm=nn.BatchNorm2d(4, eps=1e-3))


def batch_norm_of_image():
    return named(norm=nn.BatchNorm2d(3))


def batch_norm_plain():
    return named(norm=nn.BatchNorm2d(3, affine=False))


def layer_norm():
    return named(linear=nn.Linear(5, 8), norm=nn.LayerNorm(8))


def layer_norm_of_input():
    return named(norm=nn.LayerNorm(5))


def layer_norm_without_bias():
    return named(norm=nn.LayerNorm(5, bias=False))


def layer_norm_plain():
    return named(norm=nn.LayerNorm(5, elementwise_affine=False))


def layer_norm_of_image():
    return named(conv=nn.Conv2d(3, 2, 3), norm=nn.LayerNorm((2, 4, 3)))
