# task: mlp
# fails: mlp-weights, mlp-curves
# says: It does better on pixels from 0 to 255
from torch import nn


class Again(nn.Flatten):
    def forward(self, x):
        return super().forward((x / 255 - 0.2859) / 0.3530)


def make_mlp():
    return nn.Sequential(Again(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))
