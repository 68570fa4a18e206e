# ---
# jupyter:
#   chainrule:
#     assignment: convnet
#     files:
#     - mlp.pt
#     - mlp_history.json
#     - cnn.pt
#     - cnn_history.json
#     - fashion_test.json
#     notebook: fashion_mnist
#     with:
#     - gradients
#     - cifar10
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# **This is the Python backup of `fashion_mnist.ipynb`**, for you who cannot run Jupyter.
#
# Edit it with any editor, and run it with `python fashion_mnist.py`: it stops at the first task that is still open. `chainrule check fashion_mnist.py` runs all checks and shows a table. Hand in this file in place of the notebook. Leave the lines that begin with `# %%` as they are: they mark the cells and carry their ids.

# %% [markdown]
# # Classifying Fashion-MNIST
#
# Fashion-MNIST holds 70,000 small grey pictures of clothes in ten classes.
# You train two networks on it with PyTorch: first one with fully-connected layers only, then a convolutional one of your own design.
#
# When you are done, you can
#
# - write a training loop and an evaluation in PyTorch that work for any network;
# - build a network from layers, and say which shape goes through each of them;
# - look at what a network gets wrong before you change it;
# - use a validation set to choose, and a test set once.
#
# **Time:** about eight hours.
#
# **You need:** the assignments on modular layers; PyTorch, with its [tutorial](https://docs.pytorch.org/tutorials/beginner/basics/intro.html) beside you.
#
# **Before you start:** the lesson *From NumPy to autograd* translates what you know into PyTorch.
#
# **Computer:** a CPU is enough. A GPU is used when there is one.

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "bd19db598d1813c6443578c1084821c7", "grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false} tags=["setup"]
# Set-up: run this cell first. It installs chainrule where it is missing.
import importlib
import importlib.util
import pathlib
import subprocess
import sys

REPOSITORY = ""  # the instructor sets this: chainrule address URL

if importlib.util.find_spec("chainrule") is None:
    here = pathlib.Path.cwd()
    copies = [f for f in (here, *here.parents) if (f / "chainrule" / "__init__.py").is_file()]
    if copies:  # a copy of the course around this notebook: nothing to download
        sys.path.insert(0, str(copies[0]))
        print("Using chainrule from the folder", copies[0])
    elif REPOSITORY:
        print("Installing chainrule from", REPOSITORY, "...")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "git+" + REPOSITORY]
        done = subprocess.run(pip)
        if done.returncode != 0:
            raise RuntimeError(
                "chainrule could not be installed from " + REPOSITORY + ". pip says why above. "
                "Are you online? If so, send pip's message to your instructor."
            )
        importlib.invalidate_caches()
    else:
        raise ModuleNotFoundError(
            "chainrule is not installed here, and this notebook names no address to install it "
            "from. Ask your instructor for it. (For the instructor: run `chainrule address URL` "
            "in the course folder, and hand out the new release.)"
        )

import chainrule  # prepares some libraries for the cells below

# %% [markdown]
# ## How this notebook works
#
# You train here, and hand in what came of it: weights and curves in small files.
# The checks read these files, put the weights into the model that your function builds, and measure it.
# They train nothing.
# So save your files again whenever you have changed a network.
#
# | file | what it holds |
# |---|---|
# | `mlp.pt`, `mlp_history.json` | the first network, and its curves |
# | `cnn.pt`, `cnn_history.json` | your convolutional network, and its curves |
# | `fashion_test.json` | its one run on the test images |
#
# Cells that train begin with `if not is_grading():`.
# Leave that line there: when your work is marked, training is skipped.

# %% [markdown]
# ## The data
#
# Each image has 28 by 28 pixels.
# There are 50,000 images for training and 10,000 for validation.
# The 10,000 test images come at the very end.

# %% tags=["figure"]
from chainrule.convnet import figures

figures.fashion_examples()

# %% [markdown]
# The next cell loads the images as tensors.
# The first time, it may have to download 31 MB.
#
# The images are **standardized**: 0.2859, the mean of the training pixels, is subtracted, and the result is divided by 0.3530, their standard deviation.
# A network has to see the test images as it saw the training images.
# So the same two numbers are used for all parts, and you need not scale anything again.

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "ad124a3b2ea03223f7bbce586399536e", "grade": false, "grade_id": "data", "locked": true, "schema_version": 3, "solution": false, "task": false}
import torch

from chainrule.convnet.images import load_fashion
from chainrule.convnet.loaders import best_device, make_loader
from chainrule.data.fashion_mnist import CLASSES
from chainrule.runtime import is_grading

device = best_device()

if not is_grading():  # your marks come from the files that you hand in
    data = load_fashion()
    trainloader = make_loader(data["X_train"], data["y_train"], 128, shuffle=True)
    valloader = make_loader(data["X_val"], data["y_val"], 500)
    print("training:", tuple(data["X_train"].shape))
    print("validation:", tuple(data["X_val"].shape))
    print("this notebook trains on:", device)

# %% [markdown]
# A **loader** gives one minibatch after another: images of shape (N, 1, 28, 28), and their classes of shape (N,).
# The training loader's minibatches have 128 images; the last one may be smaller.
#
# Two more things are useful.
# `progress(loader, "epoch 1")` is the same loader with a progress bar.
# And a model knows where its parameters are: `next(model.parameters()).device`.
# Send each minibatch there with `.to(...)`.

# %% [markdown]
# ## Task 1: measuring accuracy (3 points)
#
# Write `evaluate(model, loader)`.
# It returns the fraction of the loader's images that the model classifies correctly: a number from 0 to 1.
#
# - The predicted class is the one with the largest score.
# - Dropout and batch normalisation do something else in training. Evaluate in **evaluation mode**.
# - Afterwards the model is in the mode in which it was before, whichever that was.
# - No gradients are recorded.
# - The function works with its arguments alone.

# %% deletable=false nbgrader={"cell_type": "code", "checksum": "a1d836402037afd8c8fce84b21c45cdb", "grade": false, "grade_id": "evaluate", "locked": false, "schema_version": 3, "solution": true, "task": false}
import torch


def evaluate(model, loader):
    """Return the fraction of images that a model classifies correctly.

    Parameters
    ----------
    model : torch.nn.Module
        Gives scores of shape (N, classes) for images of shape (N, C, H, W).
    loader : iterable
        Gives pairs of images and classes.

    Returns
    -------
    float
        From 0 to 1.
    """
    # YOUR CODE HERE
    raise NotImplementedError("This task is still open: replace this line.")


# %% [markdown]
# <details>
# <summary>A hint for the mode</summary>
#
# `model.training` says in which mode a model is.
# The method `train` of a model takes True or False and sets it.
# </details>

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "8f68ddcf6ee598c421551eacc935ceb4", "grade": false, "grade_id": "practice", "locked": true, "schema_version": 3, "solution": false, "task": false}
# A small model and a loader that write down what is done with them, for the checks.
from chainrule.convnet import practice


def practice_model(kind, training=True):
    return practice.practice_model(kind, training)


def practice_loader(images, labels, batch_size):
    return practice.practice_loader(images, labels, batch_size)


def practice_report(model, images=None):
    return practice.practice_report(model, images)


# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "00ffb6aee7b2b49e3b8587b7ef7f3b85", "grade": true, "grade_id": "evaluate-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
from chainrule.convnet import training_checks as convnet_training

convnet_training.check_evaluate(evaluate, practice_model, practice_loader, practice_report)

# %% [markdown]
# ## Task 2: the training loop (6 points)
#
# Write `train(model, trainloader, valloader, num_epoch=10)`.
# It trains the model that it is given, with the cross-entropy as loss and an optimizer of your choice.
# It returns three lists with one number for each epoch:
#
# 1. the training loss, a mean over the epoch;
# 2. the training accuracy, a fraction;
# 3. the validation accuracy, a fraction, measured with your `evaluate` after the epoch.
#
# More outputs after these three are allowed.
#
# - The model gives scores. PyTorch's cross-entropy takes scores: it contains the softmax.
# - PyTorch adds new gradients to the old ones. Clear them.
# - The model is in training mode whenever it learns.
# - Make the optimizer inside, for the parameters of this model. The function works with its arguments alone, so you can use it for every network.
# - Print each epoch with its numbers and the time that it took. You will be glad of it.
#
# The training accuracy may be counted while the model learns, or measured afterwards.

# %% deletable=false nbgrader={"cell_type": "code", "checksum": "4280cc032437dcf8186ab5ea7c771be8", "grade": false, "grade_id": "train", "locked": false, "schema_version": 3, "solution": true, "task": false}
import time

import torch

from chainrule.convnet.loaders import progress


def train(model, trainloader, valloader, num_epoch=10):
    """Train a model, and return its curves.

    Parameters
    ----------
    model : torch.nn.Module
        Gives scores. It is changed.
    trainloader, valloader : iterable
        Give pairs of images and classes.
    num_epoch : int

    Returns
    -------
    losses, train_accuracies, val_accuracies : list of float
        One number for each epoch; accuracies from 0 to 1.
    """
    # YOUR CODE HERE
    raise NotImplementedError("This task is still open: replace this line.")


# %% [markdown]
# <details>
# <summary>A hint for the order</summary>
#
# One step: scores, loss, clear the gradients, backward, step of the optimizer.
# One epoch: training mode, all steps, then the evaluation.
# </details>
#
# <details>
# <summary>A hint for the mean loss</summary>
#
# The last minibatch is smaller.
# Sum up loss times number of images, and divide by all images.
# </details>

# %% [markdown]
# Three checks look at your loop: what it returns (2 points), whether the model learns (2 points), and whether gradients, modes and validation images are treated as they should be (2 points).

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "ec1cf848ed0d04ef73a0b2b9253c8253", "grade": true, "grade_id": "train-returns", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
from chainrule.convnet import training_checks as convnet_training

convnet_training.check_train_returns(train, practice_model, practice_loader, practice_report)

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "86d101ab716ec25da8b3c0dc6d81c845", "grade": true, "grade_id": "train-learns", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
from chainrule.convnet import training_checks as convnet_training

convnet_training.check_train_learns(train, practice_model, practice_loader, practice_report)

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "5f471b83be13ccd5bad7386a1859a6df", "grade": true, "grade_id": "train-clean", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
from chainrule.convnet import training_checks as convnet_training

convnet_training.check_train_clean(train, practice_model, practice_loader, practice_report)

# %% [markdown]
# ## Task 3: a multi-layer perceptron (6 points)
#
# Write `make_mlp()`.
# It returns a new network of fully-connected layers: no convolution.
# It takes images of shape (N, 1, 28, 28) and gives scores of shape (N, 10), without a softmax.
#
# Train it for at least 8 epochs.
# It should reach at least 82 % on the validation images.

# %% deletable=false nbgrader={"cell_type": "code", "checksum": "ea138f0758e74fe283c811039a6a4b45", "grade": false, "grade_id": "mlp", "locked": false, "schema_version": 3, "solution": true, "task": false}
from torch import nn


def make_mlp():
    """Return a new multi-layer perceptron for images of shape (N, 1, 28, 28)."""
    # YOUR CODE HERE
    raise NotImplementedError("This task is still open: replace this line.")


# %% [markdown]
# Train it in the next cell, and call what `train` returns `mlp_curves`.
# The cell saves the weights and the curves, and the one below draws them.

# %% deletable=false nbgrader={"cell_type": "code", "checksum": "258efd23d017be68a0e42696e4a9ee3d", "grade": false, "grade_id": "mlp-train", "locked": false, "schema_version": 3, "solution": true, "task": false}
from chainrule.convnet.history import save_history
from chainrule.convnet.weights import save_weights

if not is_grading():
    torch.manual_seed(442)
    mlp = make_mlp().to(device)
    # YOUR CODE HERE
    raise NotImplementedError("This task is still open: replace this line.")
    save_weights(mlp, "mlp.pt")
    save_history("mlp_history.json", *mlp_curves[:3])

# %%
from chainrule.convnet import figures

if not is_grading():
    display(figures.curves(mlp_curves, "Multi-layer perceptron"))

# %% [markdown]
# The first check measures your weights on validation images (4 points).
# The second one looks at the curves (2 points).

# %% deletable=false editable=false fairmark={"seconds": 60} nbgrader={"cell_type": "code", "checksum": "b016f5931a0dbd306c85ec7abd7b5515", "grade": true, "grade_id": "mlp-weights", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
from chainrule.convnet import training_checks as convnet_training

convnet_training.check_network(make_mlp, "make_mlp")
convnet_training.check_mlp_weights(make_mlp)

# %% deletable=false editable=false fairmark={"seconds": 60} nbgrader={"cell_type": "code", "checksum": "1feadad50a60ca0ef091f5f5ee9f62cd", "grade": true, "grade_id": "mlp-curves", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
from chainrule.convnet import training_checks as convnet_training

convnet_training.check_mlp_curves(make_mlp)

# %% [markdown] deletable=false editable=false nbgrader={"cell_type": "markdown", "checksum": "5ee5d14879ddd82397005a04dc0a8359", "grade": false, "grade_id": "mlp-report", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": true}
# ## Task 4: the perceptron, what you found (4 points)
#
# Write a short report into the cell below.
#
# - Your network, and how you trained it: layers, optimizer, learning rate, size of a minibatch, epochs.
# - Its curves: the figure above, or its numbers.
# - Does it learn the training images better than the others? From which epoch on?
# - What would you change first to make it better, and why?
#

# %% [markdown]
# *Put your report here.*

# %% [markdown]
# ## Task 5: your own convolutional network (6 points)
#
# Write `make_cnn()`.
# It returns a new network with at least one convolution, of your own design.
# As before, it takes images of shape (N, 1, 28, 28) and gives scores of shape (N, 10), without a softmax.
#
# Two convolutions with pooling are enough to pass 85 % on the test images.
# Batch normalisation after a convolution makes training faster, dropout before the last layer helps against overfitting.
#
# Its file may have 25 MB: six million parameters.
#
# For comparison: the network of the course's authors reached 91 % of the test images after 97 seconds of training, on two cores of a CPU.

# %% deletable=false nbgrader={"cell_type": "code", "checksum": "6500a1fe36e68782b90d6c72379d21fd", "grade": false, "grade_id": "cnn", "locked": false, "schema_version": 3, "solution": true, "task": false}
import torch
from torch import nn


def make_cnn():
    """Return a new convolutional network for images of shape (N, 1, 28, 28)."""
    # YOUR CODE HERE
    raise NotImplementedError("This task is still open: replace this line.")


# %% [markdown]
# `summary` prints each layer with the shape of its output and its number of parameters.
# It wants the model and its input on one processor, so the cell gives it a copy on the CPU.

# %%
import copy

from torchsummary import summary

if not is_grading():
    torch.manual_seed(442)
    cnn = make_cnn().to(device)
    summary(copy.deepcopy(cnn).cpu(), (1, 28, 28), device="cpu")

# %% [markdown]
# Train it, and call what `train` returns `cnn_curves`.

# %% deletable=false nbgrader={"cell_type": "code", "checksum": "b4b8084a029e119bb6f5e8c8d1e1c18d", "grade": false, "grade_id": "cnn-train", "locked": false, "schema_version": 3, "solution": true, "task": false}
if not is_grading():
    # YOUR CODE HERE
    raise NotImplementedError("This task is still open: replace this line.")
    save_weights(cnn, "cnn.pt")
    save_history("cnn_history.json", *cnn_curves[:3])

# %%
from chainrule.convnet import figures

if not is_grading():
    display(figures.curves(cnn_curves, "Convolutional network"))

# %% [markdown]
# ### Look at the mistakes, early
#
# A number says how many images are wrong.
# It does not say which.
# Look at them before you change anything.
# A **confusion matrix** has a row for each class: it shows what the network takes its images for.

# %%
from chainrule.convnet.mistakes import confident_mistakes, confusion_matrix, scores_of

if not is_grading():
    scores = scores_of(cnn, data["X_val"])
    counts = confusion_matrix(data["y_val"], scores.argmax(axis=1))
    display(figures.confusion(counts, CLASSES))

# %% [markdown]
# These are the wrong images of which your network is most sure.
# Would you have known better?

# %%
if not is_grading():
    found = confident_mistakes(scores, data["y_val"], count=12)
    display(figures.mistakes(data["X_val"], found, CLASSES))

# %% [markdown]
# The first check looks at a fresh model (3 points).
# The second one puts your saved weights into it and compares its validation accuracy with your curves (3 points).

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "4bc856273f5c11052d7eda780bb52f1e", "grade": true, "grade_id": "cnn-model", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
from chainrule.convnet import training_checks as convnet_training

convnet_training.check_network(make_cnn, "make_cnn", convolution=True)

# %% deletable=false editable=false fairmark={"seconds": 60} nbgrader={"cell_type": "code", "checksum": "534dad372db90b3802eae7d8399a4f6d", "grade": true, "grade_id": "cnn-weights", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
from chainrule.convnet import training_checks as convnet_training

convnet_training.check_cnn_weights(make_cnn)

# %% [markdown] deletable=false editable=false nbgrader={"cell_type": "markdown", "checksum": "5651aa1b2335b1122040e28c492fc372", "grade": false, "grade_id": "cnn-report", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": true}
# ## Task 6: your network, in detail (10 points)
#
# Write a report that lets somebody else build and train your network again.
#
# - The architecture, layer by layer, with shapes and numbers of parameters. The output of `summary` helps; say in words why the layers are there.
# - The hyperparameters: optimizer, learning rate and schedule, size of a minibatch, epochs, regularisation. How did you choose them? What did you try that did not help?
# - A plot of training and validation accuracy, and what it says.
# - The mistakes: which classes does your network take for each other, and what do its most confident mistakes look like?
#

# %% [markdown]
# *Put your report here.*

# %% [markdown]
# ## Task 7: the test images, once (5 points)
#
# You have chosen your network by the validation images.
# So its validation accuracy is a little too good to be true.
# The test images tell how good it is on images that had no part in any choice.
# That works **once**: `run_test_once` writes the run down, and refuses a second one.
#
# Run the next cell when you change nothing any more.
#
# All points are given above 85 %, none up to 70 %, and a share in between.
# The check measures your saved weights anew.
# Where the whole of Fashion-MNIST is not at hand, it takes the 1,000 test images that ship with the course, and allows for chance.

# %%
from chainrule.convnet.images import load_fashion_test
from chainrule.convnet.single_test import run_test_once

READY = False  # True when your network is final

if READY and not is_grading():
    accuracy = run_test_once(cnn, *load_fashion_test())
    print(f"{100 * accuracy:.2f} % of the test images")

# %% deletable=false editable=false fairmark={"seconds": 120} nbgrader={"cell_type": "code", "checksum": "7101cefbbdda0c0398b4ab657cfac01f", "grade": true, "grade_id": "cnn-test", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
from chainrule.convnet import training_checks as convnet_training

earned = convnet_training.check_cnn_test(make_cnn, points=5)
earned

# %% [markdown]
# The last check looks at the record of your run.
# It earns no points, but a second run on the test images is a thing to explain in your report.

# %% deletable=false editable=false fairmark={"seconds": 60} nbgrader={"cell_type": "code", "checksum": "d4d4b05faece75edb04bfcc4c669a675", "grade": true, "grade_id": "test-record", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
from chainrule.convnet import training_checks as convnet_training

convnet_training.check_test_record(make_cnn)

# %% [markdown]
# ## Collaboration and sources
#
# Say with whom you worked and what you used: people, pages, books, tools that write code.
# Say *none* where there was none.
# Then sign with your name.
# It earns no points, and the assignment is not complete without it.

# %% [markdown] tags=["collaboration"]
# **I worked with:**
#
# **I used these sources and tools:**
#
# **Signed:**

# %% [markdown]
# ## Summary
#
# - Training mode to learn, evaluation mode to measure, and the mode put back after.
# - PyTorch's cross-entropy takes scores. Its gradients add up until you clear them.
# - Choose by the validation images. Use the test images once.
# - Look at the mistakes early: they tell you what to change.
#
# **Hand in** this notebook with the five files of the table at its beginning.
