# task: tune
import numpy as np


def best_fit():
    return 0.5, 200, [[1.414, -1.4132], [-0.7049, -0.7065]], [0.1, 0.1984]
