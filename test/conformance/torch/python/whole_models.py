"""Whole models, and how their parts are named."""

import torch
from torch import nn
from torch.nn import functional as F

from affine import named


def nested_sequential():
    features = nn.Sequential(
        nn.Sequential(nn.Conv2d(3, 4, 3, bias=False), nn.BatchNorm2d(4), nn.ReLU()),
        nn.Sequential(nn.Conv2d(4, 6, 2, bias=False), nn.BatchNorm2d(6), nn.ReLU()),
    )
    classifier = nn.Sequential(nn.Flatten(), nn.Linear(36, 8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 3))
    return named(features=features, classifier=classifier)


def nested():
    encoder = named(fc1=nn.Linear(6, 5), act=nn.Tanh(), fc2=nn.Linear(5, 2))
    decoder = named(fc1=nn.Linear(2, 5), act=nn.Tanh(), fc2=nn.Linear(5, 6))
    return named(encoder=encoder, decoder=decoder)


class Block(nn.Module):
    """Two convolutions beside a shortcut."""

    def __init__(self, channels, filters):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, filters, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(filters)
        self.conv2 = nn.Conv2d(filters, filters, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(filters)
        self.shortcut = nn.Conv2d(channels, filters, 1)

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + self.shortcut(x))


class residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer1 = Block(3, 4)
        self.layer2 = Block(4, 8)
        self.fc = nn.Linear(8, 3)

    def forward(self, x):
        x = self.layer2(F.max_pool2d(self.layer1(x), 2))
        return self.fc(x.mean((2, 3)))


class two_inputs(nn.Module):
    """An image and numbers that belong to it."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.numbers = nn.Linear(5, 4)
        self.head = nn.Linear(52, 3)

    def forward(self, image, numbers):
        return self.head(torch.cat([self.conv(image).flatten(1), self.numbers(numbers)], 1))


class shared(nn.Module):
    """One module for both inputs."""

    def __init__(self):
        super().__init__()
        self.tower = nn.Linear(5, 4)
        self.head = nn.Linear(8, 1)

    def forward(self, a, b):
        return self.head(torch.cat([torch.tanh(self.tower(a)), torch.tanh(self.tower(b))], 1))


class text_classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(11, 5)
        self.lstm = nn.LSTM(5, 4, num_layers=2, bidirectional=True, batch_first=True)
        self.norm = nn.LayerNorm(8)
        self.fc = nn.Linear(8, 3)

    def forward(self, x):
        hidden = self.lstm(self.embedding(x))[1][0]
        return self.fc(self.norm(torch.cat([hidden[-2], hidden[-1]], 1)))


class mobile(nn.Module):
    """Separable convolutions with normalization."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, padding=1)
        self.sep = named(depthwise=nn.Conv2d(4, 4, 3, groups=4, bias=False), pointwise=nn.Conv2d(4, 6, 1, bias=False))
        self.bn = nn.BatchNorm2d(6)
        self.dw = nn.Conv2d(6, 6, 2, groups=6)
        self.fc = nn.Linear(36, 2)

    def forward(self, x):
        x = self.dw(F.relu6(self.bn(self.sep(F.relu(self.stem(x))))))
        return self.fc(x.flatten(1))


class autoencoder(nn.Module):
    """Down to an image of half the size and up again, beside what was there before (a small U-Net)."""

    def __init__(self):
        super().__init__()
        self.down = nn.Conv2d(3, 4, 3, padding=1)
        self.middle = nn.Conv2d(4, 8, 3, padding=1)
        self.up = nn.ConvTranspose2d(8, 4, 2, stride=2)
        self.out = nn.Conv2d(8, 2, 1)

    def forward(self, x):
        before = F.relu(self.down(x))
        middle = F.relu(self.middle(F.max_pool2d(before, 2)))
        return torch.sigmoid(self.out(torch.cat([self.up(middle), before], 1)))
