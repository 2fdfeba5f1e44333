"""Recurrent layers. What comes last of a bidirectional one is in h_n: its output at the last step has not seen the sequence backwards."""

import torch
from torch import nn

from affine import named


class Recurrent(nn.Module):
    """All outputs of a recurrent module."""

    def __init__(self, rnn):
        super().__init__()
        self.rnn = rnn

    def forward(self, x):
        return self.rnn(x)[0]


class Last(Recurrent):
    """What comes last out of its last layer, of both directions where there are two."""

    def forward(self, x):
        state = self.rnn(x)[1]
        hidden = state[0] if isinstance(state, tuple) else state
        return torch.cat([*hidden[-2:]], -1) if self.rnn.bidirectional else hidden[-1]


def rnn():
    return Last(nn.RNN(3, 4, batch_first=True))


def rnn_relu():
    return Recurrent(nn.RNN(3, 4, nonlinearity="relu", batch_first=True))


def rnn_stacked():
    return Recurrent(nn.RNN(3, 4, num_layers=3, batch_first=True))


def rnn_bidirectional():
    return Recurrent(nn.RNN(3, 4, bidirectional=True, batch_first=True))


def lstm():
    return Last(nn.LSTM(3, 4, batch_first=True))


def lstm_without_bias():
    return Recurrent(nn.LSTM(3, 4, bias=False, batch_first=True))


class lstm_backwards(Recurrent):
    def __init__(self):
        super().__init__(nn.LSTM(3, 4, batch_first=True))

    def forward(self, x):
        return super().forward(x.flip(1))


def lstm_stacked():
    return Last(nn.LSTM(3, 4, num_layers=2, batch_first=True))


def lstm_bidirectional():
    return Last(nn.LSTM(3, 4, bidirectional=True, batch_first=True))


class lstm_both_added(Recurrent):
    def __init__(self):
        super().__init__(nn.LSTM(3, 4, bidirectional=True, batch_first=True))

    def forward(self, x):
        forwards, backwards = super().forward(x).chunk(2, -1)
        return forwards + backwards


def lstm_bidirectional_stacked():
    return Last(nn.LSTM(3, 4, num_layers=2, bidirectional=True, batch_first=True))


class Text(nn.Module):
    """Sequences of unequal length, padded with 0 at their end."""

    def __init__(self, rnn):
        super().__init__()
        self.embedding = nn.Embedding(7, 3, padding_idx=0)
        self.rnn = rnn

    def forward(self, x):
        lengths = (x != 0).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(self.embedding(x), lengths, batch_first=True, enforce_sorted=False)
        hidden = self.rnn(packed)[1][0]
        return torch.cat([*hidden], -1)


def lstm_of_text():
    return Text(nn.LSTM(3, 4, batch_first=True))


def lstm_of_text_both_ways():
    return Text(nn.LSTM(3, 4, bidirectional=True, batch_first=True))


class conv_then_lstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(3, 4, 2)
        self.rnn = nn.LSTM(4, 5, batch_first=True)
        self.head = nn.Linear(5, 2)

    def forward(self, x):
        steps = self.conv(x.transpose(1, 2)).transpose(1, 2)
        return self.head(self.rnn(steps)[0])
