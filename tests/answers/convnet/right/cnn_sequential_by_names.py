# task: cnn
from collections import OrderedDict

from torch import nn


def make_cnn():
    parts = OrderedDict(
        low=nn.Conv2d(1, 24, 3, padding="same"),
        low_norm=nn.BatchNorm2d(24),
        one=nn.ReLU(inplace=True),
        two=nn.MaxPool2d(2),
        high=nn.Conv2d(24, 48, 3, padding="same"),
        high_norm=nn.BatchNorm2d(48),
        three=nn.ReLU(inplace=True),
        four=nn.MaxPool2d(2),
        five=nn.Flatten(),
        six=nn.Dropout(0.5),
        judge=nn.Linear(2352, 10),
    )
    return nn.Sequential(parts)
