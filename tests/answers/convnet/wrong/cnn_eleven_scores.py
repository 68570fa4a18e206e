# task: cnn
# fails: cnn-model, cnn-weights, cnn-test, test-record
# says: (7, 11)
import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.low = nn.Conv2d(1, 24, 3, padding=1)
        self.low_norm = nn.BatchNorm2d(24)
        self.high = nn.Conv2d(24, 48, 3, padding=1)
        self.high_norm = nn.BatchNorm2d(48)
        self.judge = nn.Linear(2352, 11)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.low_norm(self.low(x))), 2)
        x = F.max_pool2d(F.relu(self.high_norm(self.high(x))), 2)
        x = F.dropout(x.flatten(1), 0.25, training=self.training)
        return self.judge(x)


def make_cnn():
    return Net()
