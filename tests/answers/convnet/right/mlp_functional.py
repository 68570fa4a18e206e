# task: mlp
import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        # the names that the layers have in a Sequential
        self.add_module("1", nn.Linear(784, 64))
        self.add_module("3", nn.Linear(64, 10))

    def forward(self, x):
        first, last = self.children()
        return F.log_softmax(last(F.relu(first(x.reshape(len(x), -1)))), dim=1)


make_mlp = Net
