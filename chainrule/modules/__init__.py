"""Neural networks from layers that are classes, in NumPy.

What is here is given: initialisers, learning-rate schedules, SGD, a few
activations, a small example layer, training and testing, a logger. The layers
that a network lives on are the students' own, in the assignment ``modules``.
"""

from chainrule.gradcheck import check_gradients
from chainrule.modules.activations import Activation, Linear, Sigmoid, TanH, given_activation
from chainrule.modules.dataset import Dataset, iris_dataset
from chainrule.modules.formulas import EntryTable, compare_entries
from chainrule.modules.initializers import INITIALIZERS, initialize
from chainrule.modules.iris_results import ResultsError, load_results, make_run, save_results
from chainrule.modules.layers import Layer, Scale, given_layers
from chainrule.modules.logger import Logger, RunExists, read_run
from chainrule.modules.losses import SquaredError
from chainrule.modules.network import Network
from chainrule.modules.optimizers import SGD
from chainrule.modules.schedulers import Constant, Exponential

__all__ = [
    "INITIALIZERS",
    "SGD",
    "Activation",
    "Constant",
    "Dataset",
    "EntryTable",
    "Exponential",
    "Layer",
    "Linear",
    "Logger",
    "Network",
    "ResultsError",
    "RunExists",
    "Scale",
    "Sigmoid",
    "SquaredError",
    "TanH",
    "check_gradients",
    "compare_entries",
    "given_activation",
    "given_layers",
    "initialize",
    "iris_dataset",
    "load_results",
    "make_run",
    "read_run",
    "save_results",
]
