"""What the assignment ``neuralnet`` gives: classifier, optimizer, training loop, results.

The layers and the two-layer network are the student's own, in ``layers.ipynb``. None
of them is in here.
"""

from chainrule.handin.single_test import AlreadyTested, read_record
from chainrule.neuralnet.classifier import Classifier
from chainrule.neuralnet.inputs import load_images, standardize
from chainrule.neuralnet.layers_file import load_layers
from chainrule.neuralnet.optimizers import SGD, Optimizer
from chainrule.neuralnet.practice import PracticeModel, practice_model
from chainrule.neuralnet.saved_network import (
    ResultError,
    Results,
    load_results,
    save_results,
)
from chainrule.neuralnet.single_test import run_test_once
from chainrule.neuralnet.training import (
    History,
    TrainingDiverged,
    accuracy,
    linear_decay,
    train,
)

__all__ = [
    "SGD",
    "AlreadyTested",
    "Classifier",
    "History",
    "Optimizer",
    "PracticeModel",
    "ResultError",
    "Results",
    "TrainingDiverged",
    "accuracy",
    "linear_decay",
    "load_images",
    "load_layers",
    "load_results",
    "practice_model",
    "read_record",
    "run_test_once",
    "save_results",
    "standardize",
    "train",
]
