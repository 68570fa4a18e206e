# task: tune
# fails: tune-result
# says: the loss of your S and t is 1.33
import numpy as np


def best_fit():
    learning_rate = 0.0001
    steps = 100
    S = np.array([[0.997612, -0.005002], [-0.010127, 0.989290]])
    t = np.array([-0.005118, -0.017470])
    return learning_rate, steps, S, t
