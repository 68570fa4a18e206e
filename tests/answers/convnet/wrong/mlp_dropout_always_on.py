# task: mlp
# fails: mlp-weights
# says: F.dropout needs training=self.training
import torch.nn.functional as F
from torch import nn


class Drop(nn.ReLU):
    def forward(self, x):
        return F.dropout(super().forward(x), 0.2)


def make_mlp():
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 64), Drop(), nn.Linear(64, 10))
