# ---
# jupyter:
#   chainrule:
#     assignment: convnet
#     files:
#     - cifar10_history.json
#     - predictions.csv
#     notebook: cifar10
#     with:
#     - gradients
#     - fashion_mnist
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# **This is the Python backup of `cifar10.ipynb`**, for you who cannot run Jupyter.
#
# Edit it with any editor, and run it with `python cifar10.py`: it stops at the first task that is still open. `chainrule check cifar10.py` runs all checks and shows a table. Hand in this file in place of the notebook. Leave the lines that begin with `# %%` as they are: they mark the cells and carry their ids.

# %% [markdown]
# # A convolutional network for CIFAR-10
#
# CIFAR-10 is harder than Fashion-MNIST: small colour photographs of animals and vehicles, taken from all sides.
# You design a network, train it, and predict the classes of 10,000 images whose labels you are not given.
#
# When you are done, you can
#
# - design a convolutional network for a given budget of time;
# - use a learning-rate schedule, augmentation and normalisation, and say what each of them does for you;
# - hand in predictions in a form that a program can read.
#
# **Time:** about six hours, with training.
#
# **You need:** `fashion_mnist.ipynb`; its `train` and `evaluate` are useful here.
#
# **Computer:** a CPU is enough. A GPU is used when there is one.
# For comparison: the network of the course's authors reached 83 % of the test images after less than five minutes of training, on two cores of a CPU.

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
# ## The rules
#
# - The network is your own: no ready-made architecture, no pretrained weights.
# - Nothing is trained on the test images, and nothing is chosen by them.
# - You hand in `cifar10_history.json`, the curves of your training, and `predictions.csv`.
# - All points for the predictions from 75 % on, half of them from 70 % on.
#
# Cells that train begin with `if not is_grading():`.
# Leave that line there: when your work is marked, training is skipped.

# %% tags=["figure"]
from chainrule.convnet import figures

figures.cifar_examples()

# %% [markdown]
# The next cell loads 45,000 images for training and 5,000 for validation, of shape (3, 32, 32).
# They are standardized: each colour has mean 0 and standard deviation 1 over the training images.
# The first time, the cell may have to download about 170 MB.
# Together the images take 600 MB of memory.

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "2e621e30a09eb642e7832870c672f64d", "grade": false, "grade_id": "data", "locked": true, "schema_version": 3, "solution": false, "task": false}
import torch

from chainrule.convnet.images import cifar_test_images, load_cifar
from chainrule.convnet.loaders import best_device, make_loader, progress
from chainrule.runtime import is_grading

device = best_device()

if not is_grading():  # your marks come from the files that you hand in
    data = load_cifar()
    valloader = make_loader(data["X_val"], data["y_val"], 500)
    print("training:", tuple(data["X_train"].shape))
    print("validation:", tuple(data["X_val"].shape))
    print("this notebook trains on:", device)

# %% [markdown]
# Your `train` and `evaluate` are functions of the other notebook.
# `load_definitions` takes functions and classes out of it, and runs nothing else.
# You may use them, or write another loop here.

# %%
from chainrule.handin.student_code import load_definitions

if not is_grading():
    mine = load_definitions("fashion_mnist.ipynb")  # mine.train, mine.evaluate

# %% [markdown]
# ## What makes training faster, and better
#
# None of these is demanded.
# Each is a line or two.
#
# - **Half the resolution early.** Most of the time goes into the first layers, where the image is large. A first convolution with stride 2 makes all that follows four times cheaper.
# - **Augmentation.** A mirrored car is a car. Mirror each minibatch's images at random, and shift them by a few pixels: the network sees new images in every epoch.
# - **A one-cycle schedule.** The learning rate rises for the first part of training and falls to nearly zero at the end: `torch.optim.lr_scheduler.OneCycleLR`, with a step after every minibatch.
# - **Channels last.** `model.to(memory_format=torch.channels_last)`, and the same for the images, stores the channels of a pixel side by side. Convolutions on a CPU are often faster so. Measure it.
# - **bfloat16.** Within `with torch.autocast(device.type, torch.bfloat16):` the large products use numbers of 16 bits. That is fast on GPUs and on some CPUs, and slower on CPUs that do not have it in hardware. Measure it.

# %% [markdown]
# ## Task 1: a network and its curves (3 points)
#
# Write `make_network()`, train it for at least 8 epochs, and keep the curves.
#
# Call the trained model `network`, and the three lists `losses`, `train_accuracies` and `val_accuracies`.

# %% deletable=false nbgrader={"cell_type": "code", "checksum": "92cb668c9fd6a059a97a2f59a2a760a2", "grade": false, "grade_id": "network", "locked": false, "schema_version": 3, "solution": true, "task": false}
from torch import nn


def make_network():
    """Return a new network: images (N, 3, 32, 32) in, scores (N, 10) out."""
    # YOUR CODE HERE
    raise NotImplementedError("This task is still open: replace this line.")


# %% deletable=false nbgrader={"cell_type": "code", "checksum": "e21bbd74b2e920a7018acbc33813e841", "grade": false, "grade_id": "training-code", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["optional"]
import time

from torch import nn


def fit(network, pictures, kinds, valloader):
    """Train a network; return the losses, the training and the validation accuracies.

    A place for a loop of your own. With `mine.train` you do not need it.
    """
    # YOUR CODE HERE
    raise NotImplementedError("This task is still open: replace this line.")


# %% deletable=false nbgrader={"cell_type": "code", "checksum": "6b67c60439c6b4301efe4e35caa723f9", "grade": false, "grade_id": "network-train", "locked": false, "schema_version": 3, "solution": true, "task": false}
from chainrule.convnet.history import save_history

if not is_grading():
    torch.manual_seed(442)
    network = make_network().to(device)
    # YOUR CODE HERE
    raise NotImplementedError("This task is still open: replace this line.")
    save_history("cifar10_history.json", losses, train_accuracies, val_accuracies)

# %%
from chainrule.convnet import figures

if not is_grading():
    display(figures.curves((losses, train_accuracies, val_accuracies), "CIFAR-10"))

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "59ab44e79a5a908ed03a892ed9f35d13", "grade": true, "grade_id": "network-curve", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
from chainrule.convnet import training_checks as convnet_training

convnet_training.check_cifar_curve()

# %% [markdown]
# ## Task 2: predictions for the test images (10 points)
#
# `cifar_test_images()` gives 10,000 test images in a fixed shuffled order, without their classes.
# Predict a class for each, in this order.
# `write_predictions(classes)` writes them to `predictions.csv`:
#
#     Id,Category
#     1,3
#     2,8
#
# `Id` counts the images from 1, and `Category` is the class, from 0 to 9.
#
# Call your predictions `classes`: a tensor or an array of 10,000 whole numbers.
# Do not put the images into a loader that shuffles.
# And remember the mode of your network.

# %% deletable=false nbgrader={"cell_type": "code", "checksum": "b0916f0a3ed25c8561f2f1fa8f755458", "grade": false, "grade_id": "predictions", "locked": false, "schema_version": 3, "solution": true, "task": false}
from chainrule.convnet.predictions import write_predictions

if not is_grading():
    images = cifar_test_images()
    # YOUR CODE HERE
    raise NotImplementedError("This task is still open: replace this line.")
    write_predictions(classes)

# %% [markdown]
# The first check looks at the form of the file; it earns nothing, and every error names a line.
# The second one compares your predictions with the classes (10 points, or 5 from 70 % on).
# You can run it as often as you like, but do not choose your network by it: you have validation images for that.

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "f69d521ae2bfd45bd570b99b96168afb", "grade": true, "grade_id": "predictions-form", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
from chainrule.convnet import training_checks as convnet_training

convnet_training.check_predictions_form()

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "ff2ef4cc5a3d89581b6bcac68953dad4", "grade": true, "grade_id": "predictions-accuracy", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": false}
from chainrule.convnet import training_checks as convnet_training

earned = convnet_training.check_predictions(points=10)
earned

# %% [markdown] deletable=false editable=false nbgrader={"cell_type": "markdown", "checksum": "005b6176dc8a44ed70f5130a653b0d96", "grade": false, "grade_id": "explanation", "locked": true, "points": 7, "schema_version": 3, "solution": false, "task": true}
# ## Task 3: why it works (7 points)
#
# Write a report into the cell below.
#
# - The parts of your network and of its training, each with a sentence: what it does, and why it helps.
# - At least one loss curve over at least 8 epochs, with labelled axes.
# - Two things that you changed on the way, with the validation accuracy before and after.
# - The time that training took, and on which processor.
#

# %% [markdown]
# *Put your report here.*

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
# - Large images are expensive. Make them small early.
# - Augmentation gives new images for nothing. A schedule ends the training with small steps.
# - Predictions stand in the order of the images. A loader that shuffles spoils that.
#
# **Hand in** `gradients.ipynb`, `fashion_mnist.ipynb` with its five files, `cifar10.ipynb`, `cifar10_history.json` and `predictions.csv`.
# Run `chainrule pack convnet --student YOUR-ID` in a terminal.
# It looks through your work, says what is missing, and makes the zip file to hand in.
