"""Models in which data changes its axes: what comes flattened is in PyTorch's order, channels first."""

import torch
from torch import nn
from torch.nn import functional as F

from affine import named


def flattened():
    return nn.Sequential(nn.Conv2d(3, 4, 2), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(16, 5), nn.Linear(5, 2))


def flattened_input():
    return nn.Sequential(nn.Flatten(), nn.Linear(90, 4))


def flattened_steps():
    return named(conv=nn.Conv1d(3, 4, 2), flatten=nn.Flatten(), head=nn.Linear(20, 3))


def flattened_volume():
    return named(conv=nn.Conv3d(2, 3, 2), flatten=nn.Flatten(), head=nn.Linear(36, 3))


def normalized_after_flattening():
    return named(conv=nn.Conv2d(3, 4, 3), flatten=nn.Flatten(), norm=nn.BatchNorm1d(48), head=nn.Linear(48, 3))


class decoder(nn.Module):
    """From features to an image."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(5, 24)
        self.up = nn.ConvTranspose2d(4, 2, 2, stride=2)

    def forward(self, x):
        return self.up(F.relu(self.linear(x)).unflatten(1, (4, 2, 3)))


class branches(nn.Module):
    """An image and what a convolution made of it, flattened one after the other."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 2, 3)
        self.head = nn.Linear(24 + 90, 4)

    def forward(self, x):
        return self.head(torch.cat([self.conv(x).flatten(1), x.flatten(1)], 1))


class squeeze_and_excitation(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.gate = nn.Linear(4, 4)
        self.head = nn.Linear(48, 3)

    def forward(self, x):
        x = self.conv(x)
        weights = torch.sigmoid(self.gate(x.mean((2, 3))))
        return self.head((x * weights[:, :, None, None]).flatten(1))


class image_as_sequence(nn.Module):
    """Each place of an image as a step."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.rnn = nn.LSTM(4, 3, batch_first=True)
        self.head = nn.Linear(3, 2)

    def forward(self, x):
        steps = self.conv(x).flatten(2).transpose(1, 2)
        return self.head(self.rnn(steps)[0][:, -1])


class frames(nn.Module):
    """A convolution of each image of a sequence, flattened, through an LSTM. Images come as TensorFlow.js has them."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 3, 2)
        self.rnn = nn.LSTM(18, 4, batch_first=True)

    def forward(self, x):
        images = x.movedim(-1, 2).flatten(0, 1)
        steps = self.conv(images).flatten(1).unflatten(0, x.shape[:2])
        return self.rnn(steps)[0]


class without_weights(nn.Module):
    """Pooling, upsampling, padding and cropping, and slopes."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 1)

    def forward(self, x):
        x = F.leaky_relu(self.conv(x), 0.01)
        pooled = F.avg_pool2d(x, 2) + F.max_pool2d(x, 2)
        padded = F.pad(F.elu(F.interpolate(pooled, scale_factor=2)), (1, 2, 0, 1))[:, :, 1:, 1:]
        return torch.cat([padded.amax((2, 3)), padded.mean((2, 3)), padded.softmax(1).flatten(1)], 1)


class padded_mean(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 1)
        self.pool = nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False)

    def forward(self, x):
        return self.pool(self.conv(x))


def padded_maximum():
    return named(conv=nn.Conv2d(3, 4, 1), pool=nn.MaxPool2d(2, ceil_mode=True))


def centered_maximum():
    return named(conv=nn.Conv2d(3, 4, 1), pool=nn.MaxPool2d(3, stride=2, padding=1))
