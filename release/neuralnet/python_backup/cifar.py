# ---
# jupyter:
#   chainrule:
#     assignment: neuralnet
#     files:
#     - best.npz
#     - overfit.npz
#     - test_run.json
#     notebook: cifar
#     with:
#     - layers
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# **This is the Python backup of `cifar.ipynb`**, for you who cannot run Jupyter.
#
# Edit it with any editor, and run it with `python cifar.py`: it stops at the first task that is still open. `chainrule check cifar.py` runs all checks and shows a table. Hand in this file in place of the notebook. Leave the lines that begin with `# %%` as they are: they mark the cells and carry their ids.

# %% [markdown]
# # Training a two-layer network on CIFAR-10
#
# You train the network that you wrote in `layers.ipynb` to tell ten kinds of pictures apart.
# You see a run that fails, find out why, and then find settings that work.
#
# When you are done, you can
#
# - put a loss, a penalty and a network together to one training step;
# - read the curves of a training run, and say what is wrong with it;
# - tune learning rate, batch size, regularization and size with a validation set;
# - tell overfitting from learning;
# - use a test set the one time that it can be used.
#
# **Time:** about four hours. A good training run takes about a minute of them.
#
# **You need:** `layers.ipynb` in this folder, finished and saved.
#
# **Library:** NumPy alone.

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
# The tasks and check cells work as in `layers.ipynb`.
# New is that you hand in **files** as well: this notebook writes them beside itself.
#
# | file | what it holds |
# |---|---|
# | `best.npz` | the parameters of your best network |
# | `overfit.npz` | those of a network that overfits |
# | `test_run.json` | the record of your run on the test set |
#
# Nothing is trained again when your work is graded.
# The checks read the parameters from the files, compute the scores anew, and compare them with the labels.
#
# Run these two cells before you begin.
# The second one takes your functions and classes from `layers.ipynb`, and runs nothing else of it.
# When you change something there, save it, and run the cell again.

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "af0ace1862a52d4d33572d00db1c8b65", "grade": false, "grade_id": "given-imports", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np
from IPython.display import display

from chainrule.runtime import is_grading
from chainrule.neuralnet import figures
from chainrule.neuralnet import (
    SGD,
    AlreadyTested,
    Classifier,
    Optimizer,
    linear_decay,
    load_images,
    load_layers,
    practice_model,
    run_test_once,
    save_results,
    train,
)

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "2d077f98cb1a2d90bedfc9ecd51420e2", "grade": false, "grade_id": "given-layers", "locked": true, "schema_version": 3, "solution": false, "task": false}
layers = load_layers("layers")

# %% [markdown]
# ## The pictures
#
# CIFAR-10 has 50,000 training and 10,000 test images of 32 by 32 pixels, in ten classes.
# Here are some of them.

# %% tags=["figure"]
from chainrule.neuralnet import figures

figures.cifar_examples()

# %% [markdown]
# `load_images` splits the training images for you.
# Each image is a row of 3,072 numbers: its red, green and blue plane.
# They are **standardized**: over all training images each colour has mean 0 and standard deviation 1.
#
# | part | what it is for |
# |---|---|
# | training | the network learns from these |
# | validation | you compare settings on these 5,000 images |
# | test | you look at these once, at the very end |
#
# The first call fetches 170 MB, once. Without a network you get a small part that comes with the course.

# %%
if not is_grading():
    data = load_images(num_train=20000)
    for name in ("X_train", "y_train", "X_val", "y_val"):
        print(name, data[name].shape, data[name].dtype)


# %% [markdown]
# ## Task 1: the training step (8 points)
#
# One training step goes forward and backward through everything, for one minibatch:
#
# $$L = L_{\text{softmax}}(\text{scores}, y) + \sum_{W} \frac{\lambda}{2} \sum W^2$$
#
# The penalty is for **all weight matrices, and never for biases**.
# A weight matrix is a parameter with two axes, whatever its name.
# The function must work for every classifier, with any number of parameters.
#
# Use `layers.softmax_loss` and `layers.l2_regularization`.
# The step returns loss and gradients, and changes nothing. The optimizer does that.
#
# The check uses a small given model in place of your network.
# So a mistake in your layers does not count a second time here.

# %% deletable=false nbgrader={"cell_type": "code", "checksum": "33f8b28c15b10b1276fa12faace058af", "grade": false, "grade_id": "step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def training_step(model, X_batch, y_batch, reg):
    """Compute loss and gradients for one minibatch.

    Parameters
    ----------
    model : Classifier
        Has `parameters`, `forward` and `backward`.
    X_batch : ndarray, (N, D)
        Inputs.
    y_batch : ndarray, (N,)
        Right classes.
    reg : float
        Strength of the penalty on every weight matrix.

    Returns
    -------
    loss : float
        Softmax loss of the data, plus the penalties.
    grads : dict of str to ndarray
        A gradient for each parameter, by its name.
    """
    # YOUR CODE HERE
    raise NotImplementedError("This task is still open: replace this line.")
    return loss, grads


# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "86b5f92034d71ced80fa346ff3f99863", "grade": true, "grade_id": "step-loss", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
from chainrule.neuralnet import training_checks as neuralnet_training

neuralnet_training.check_step_loss(training_step, practice_model, layers)

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "8d2b2c431e90a23aa69997627944d672", "grade": true, "grade_id": "step-gradients", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
from chainrule.neuralnet import training_checks as neuralnet_training

neuralnet_training.check_step_gradients(training_step, practice_model, layers)


# %% [markdown]
# ## The training loop
#
# The loop is given. It is called `train`, and this is the heart of it:
#
#     for X_batch, y_batch in sampler:
#         loss, grads = training_step(model, X_batch, y_batch, reg)
#         optimizer.step(grads)
#
# The sampler hands out minibatches, in a new order each time.
# The step is yours. The optimizer sets each parameter to `param - learning_rate * grad`.
#
# One pass through all training images is an **epoch**.
# After each epoch `train` prints the accuracy on training and on validation images.
# It returns a history, and `figures.training_curves(history)` draws it.
#
# The function `train_network` below puts it all together: it takes a dictionary of settings, and returns the trained network, its history, and the data.
# Two of its habits are worth a look.
# The network gets `dtype=np.float32`: it trains about twice as fast, and the digits suffice.
# And it gets a `seed`: the same run can then be had again.

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "9d5c60231c8ff0e06e390fde2ea36b80", "grade": false, "grade_id": "given-train-network", "locked": true, "schema_version": 3, "solution": false, "task": false}
def train_network(settings):
    """Train a new two-layer network with given settings; return it, the history, and the data."""
    data = load_images(num_train=settings["num_train"])
    model = layers.TwoLayerNet(
        hidden_dim=settings["hidden_dim"],
        weight_scale=settings["weight_scale"],
        dtype=np.float32,
        seed=settings["seed"],
    )
    history = train(
        model,
        training_step,
        data,
        num_epochs=settings["num_epochs"],
        batch_size=settings["batch_size"],
        learning_rate=settings["learning_rate"],
        reg=settings["reg"],
        schedule=linear_decay if settings["decay"] else None,
        seed=settings["seed"],
    )
    return model, history, data


default_settings = {
    "num_train": 20000,
    "hidden_dim": 16,
    "batch_size": 128,
    "num_epochs": 10,
    "learning_rate": 1e-4,
    "reg": 1.0,
    "weight_scale": 1e-3,
    "decay": False,
    "seed": 442,
}

# %% [markdown]
# ## A run that fails
#
# These are the default settings once more.
#
# | setting | value | what it is |
# |---|---|---|
# | `num_train` | 20000 | training images |
# | `hidden_dim` | 16 | hidden units |
# | `batch_size` | 128 | examples in a minibatch |
# | `num_epochs` | 10 | passes through the training images |
# | `learning_rate` | 1e-4 | length of the steps |
# | `reg` | 1.0 | strength of the L2 penalty |
# | `weight_scale` | 1e-3 | standard deviation of the first weights |
# | `decay` | False | whether the learning rate falls to 0, linearly |
#
# This is what came of them.

# %% tags=["figure"]
figures.default_run()

# %% [markdown]
# The loss starts at 2.327 and ends at 2.320, and after ten epochs 12 percent of the validation images are right.
# Guessing gives 10 percent and a loss of $\log 10 = 2.303$; the rest of the loss is the penalty.
# So in ten epochs the network has learned next to nothing.
#
# **Why?** Think about it before you read on. Run it yourself; it takes some seconds.

# %%
if not is_grading():
    model, history, data = train_network(default_settings)
    display(figures.training_curves(history, "The default settings"))

# %% [markdown]
# <details>
# <summary>What is going on</summary>
#
# Three things come together.
#
# - **The steps are too short.** There are 1,570 of them. Even with a gradient of size 1, a weight could move by $1570 \times 10^{-4} \approx 0.16$ in all. The gradients here are far smaller.
# - **The gradients are small at the start.** Both weight matrices begin near 0.001. The gradient of the first layer is multiplied by the second matrix, and the other way round, so neither of them gets going.
# - **The penalty pulls back.** With `reg = 1.0` each step multiplies every weight by $1 - 10^{-4}$. That makes $0.9999^{1570} \approx 0.85$ in all: the weights shrink, while the data hardly move them.
#
# And if it did learn, 16 hidden units would not carry it far.
# </details>
#
# What would you change first, and in which direction?
# Change one setting at a time, by a factor of 3 or 10, and look at the first 100 iterations.
# If the loss does not fall there, the run is not worth waiting for.

# %% [markdown]
# ## Task 2: your best network (6 points)
#
# Find settings that reach **at least 40 percent** on the validation images.
# The reference solution reaches 52.5 percent in 17 seconds on two cores.
#
# You may change everything in the table above.
# The network is a `TwoLayerNet`, and the validation images stay out of the training.
# There are 50,000 training images, 5,000 of which are used for validation. So `num_train` is at most 45,000.
#
# Write your settings into the cell below, as a dictionary `best_settings` with the same names as `default_settings`.
# The rest of the cell trains, saves `best.npz` and draws the curves.
# It stands below `if not is_grading():`, so that nothing is trained again when your work is graded.
#
# Keep a note of every run that you try. Your report needs them.

# %% deletable=false nbgrader={"cell_type": "code", "checksum": "00a323050c4047b1d4e183c1ae830741", "grade": false, "grade_id": "best", "locked": false, "schema_version": 3, "solution": true, "task": false}
# YOUR CODE HERE
raise NotImplementedError("This task is still open: replace this line.")

if not is_grading():
    model, best_history, data = train_network(best_settings)
    save_results("best.npz", model, best_settings, data["index_train"])
    display(figures.training_curves(best_history, "The best network"))

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "59a4b9f565128e52cabc4d9cc7fca218", "grade": true, "grade_id": "best-accuracy", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
from chainrule.neuralnet import training_checks as neuralnet_training

neuralnet_training.check_best("best.npz")

# %% [markdown] deletable=false editable=false nbgrader={"cell_type": "markdown", "checksum": "ee35359efdfb3c56754123263be6c8e6", "grade": false, "grade_id": "best-report", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": true}
# **Report.** Show the curves of your best run above.
# Write into the cell below: a table of at least four settings that you tried, with the validation accuracy of each; your best settings; and, in two or three sentences, what was wrong with the default settings.
#

# %% [markdown]
# *Your report on the best network.*

# %% [markdown]
# ## Task 3: a network that overfits (4 points)
#
# Now do it wrong on purpose.
# Choose settings with which the network learns its training images by heart: **at least 75 percent** on the training images.
# Take fewer images for it, but at least 500.
#
# Think first. Which settings helped in task 2 against what you want here?
#
# Write the settings as `overfit_settings`. The rest of the cell saves `overfit.npz`.

# %% deletable=false nbgrader={"cell_type": "code", "checksum": "d08ebc316bc3d0dde185f66cd97ef128", "grade": false, "grade_id": "overfit", "locked": false, "schema_version": 3, "solution": true, "task": false}
# YOUR CODE HERE
raise NotImplementedError("This task is still open: replace this line.")

if not is_grading():
    model, overfit_history, data = train_network(overfit_settings)
    save_results("overfit.npz", model, overfit_settings, data["index_train"])
    display(figures.training_curves(overfit_history, "A network that overfits"))

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "97cf027149e9483ef19dc77de0575f0e", "grade": true, "grade_id": "overfit-accuracy", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
from chainrule.neuralnet import training_checks as neuralnet_training

neuralnet_training.check_overfit("overfit.npz")

# %% [markdown] deletable=false editable=false nbgrader={"cell_type": "markdown", "checksum": "78fdd0e3fe4f9816f0e1daec1e92a7cc", "grade": false, "grade_id": "overfit-report", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": true}
# **Report.** Show the curves of this run above, give its settings below, and say in one or two sentences how one sees in the curves that it overfits.
#

# %% [markdown]
# *Your report on the network that overfits.*

# %% [markdown]
# ## Task 4: the test set, once (2 points)
#
# The validation accuracy of your best network says a little too much.
# You chose the settings by it, so luck has helped to choose.
# For an honest number you need images that have decided nothing: the test set.
#
# It works only once.
# Whoever looks at the test accuracy, changes something and looks again, has turned the test set into a second validation set.
#
# So finish tuning first.
# Then make a new `TwoLayerNet` of the right size, load the parameters from `best.npz` into it with `load`, and let `run_test_once(model, X_test, y_test)` measure it.
# It returns the accuracy, and writes `test_run.json`.
# `load_images(num_train=0, num_val=0, num_test=10000)` gives you `X_test` and `y_test`.
#
# A second run is refused: `run_test_once` raises `AlreadyTested`, which says why.
# The cell shows that message and goes on, so you can still run the whole notebook again.

# %% deletable=false nbgrader={"cell_type": "code", "checksum": "1af027936238e4db53fcd702d22c2e6a", "grade": false, "grade_id": "test", "locked": false, "schema_version": 3, "solution": true, "task": false}
if not is_grading():
    try:
        # YOUR CODE HERE
        raise NotImplementedError("This task is still open: replace this line.")
    except AlreadyTested as refusal:
        print(refusal)

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "dfb590e14d8701cae4cae2851539d6a4", "grade": true, "grade_id": "test-run", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
from chainrule.neuralnet import training_checks as neuralnet_training

neuralnet_training.check_test_run("test_run.json", "best.npz")


# %% [markdown] deletable=false editable=false nbgrader={"cell_type": "markdown", "checksum": "55b0abd5eda618aab0f53f2e8fe8bd00", "grade": false, "grade_id": "test-report", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": true}
# **Report.** Give training, validation and test accuracy of your best network below, and say in one or two sentences whether the test accuracy is what you expected, and why.
#

# %% [markdown]
# *Your report on the test run.*

# %% [markdown]
# ## More, if you like
#
# Three extensions, each with a check. They give no points.
# Leave a cell as it is if you do not want it: its check then says that it was left out.

# %% [markdown]
# ### Other activation functions
#
# $$\text{sigmoid}(x) = \frac{1}{1 + e^{-x}} \qquad \tanh(x) \qquad \text{elu}(x) = \begin{cases} x & x > 0 \\ e^x - 1 & x \le 0 \end{cases}$$
#
# Each is a pair of functions, like ReLU. Mind inputs of size 1000.

# %% deletable=false nbgrader={"cell_type": "code", "checksum": "5a695c7e0a2ff313a8cf873829ffbee0", "grade": false, "grade_id": "more-activations", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["optional"]
def sigmoid_forward(x):
    """Return 1 / (1 + exp(-x)), and a cache."""
    # YOUR CODE HERE
    raise NotImplementedError("This task is still open: replace this line.")


def sigmoid_backward(grad_out, cache):
    """Return the gradient with respect to the input of `sigmoid_forward`."""
    # YOUR CODE HERE
    raise NotImplementedError("This task is still open: replace this line.")


def tanh_forward(x):
    """Return the hyperbolic tangent, and a cache."""
    # YOUR CODE HERE
    raise NotImplementedError("This task is still open: replace this line.")


def tanh_backward(grad_out, cache):
    """Return the gradient with respect to the input of `tanh_forward`."""
    # YOUR CODE HERE
    raise NotImplementedError("This task is still open: replace this line.")


def elu_forward(x):
    """Return x where it is positive and exp(x) - 1 elsewhere, and a cache."""
    # YOUR CODE HERE
    raise NotImplementedError("This task is still open: replace this line.")


def elu_backward(grad_out, cache):
    """Return the gradient with respect to the input of `elu_forward`."""
    # YOUR CODE HERE
    raise NotImplementedError("This task is still open: replace this line.")


# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "4361e56b7abac8fd1ea82f1276e738f8", "grade": true, "grade_id": "more-activations-check", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
from chainrule.neuralnet import extension_checks as neuralnet_extensions

neuralnet_extensions.check_activations(
    {
        "sigmoid": (sigmoid_forward, sigmoid_backward),
        "tanh": (tanh_forward, tanh_backward),
        "elu": (elu_forward, elu_backward),
    }
)


# %% [markdown]
# ### Any number of layers
#
# Write a classifier with the sizes of its hidden layers in `hidden_dims`, for example `(256, 128)`.
# Between two fully-connected layers comes an activation function: a pair (forward, backward), ReLU if none is given.
#
# Deep networks are particular about their first weights.
# Let the standard deviation of a matrix with `n` rows be $\sqrt{2/n}$.

# %% deletable=false nbgrader={"cell_type": "code", "checksum": "6890c100b751bb2848f45db630de386f", "grade": false, "grade_id": "more-layers", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["optional"]
class DeepNet(Classifier):
    """Fully-connected layers with an activation function between them.

    Parameters
    ----------
    input_dim, num_classes : int
        Sizes.
    hidden_dims : sequence of int
        Sizes of the hidden layers.
    activation : pair of functions, optional
        Forward and backward; ReLU if left out.
    dtype : dtype
        Of the parameters.
    seed : int, optional
        Seed of the first weights.
    """

    def __init__(
        self,
        input_dim=3072,
        num_classes=10,
        hidden_dims=(256, 128),
        activation=None,
        dtype=np.float64,
        seed=None,
    ):
        rng = np.random.default_rng(seed)
        # YOUR CODE HERE
        raise NotImplementedError("This task is still open: replace this line.")

    def parameters(self):
        """Return the model's own arrays by name."""
        # YOUR CODE HERE
        raise NotImplementedError("This task is still open: replace this line.")

    def forward(self, X):
        """Return the scores (N, C), and a cache."""
        # YOUR CODE HERE
        raise NotImplementedError("This task is still open: replace this line.")

    def backward(self, grad_scores, cache):
        """Return a dictionary of gradients, named like the parameters."""
        # YOUR CODE HERE
        raise NotImplementedError("This task is still open: replace this line.")


# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "c55fc99b8448de671d1e6bb34be89b2a", "grade": true, "grade_id": "more-layers-check", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
from chainrule.neuralnet import extension_checks as neuralnet_extensions

neuralnet_extensions.check_deep_net(DeepNet)


# %% [markdown]
# ### SGD with momentum
#
# A ball that rolls downhill keeps some of its speed.
# For each parameter the optimizer remembers a speed $v$, which starts at 0:
#
# $$v \leftarrow \text{momentum} \cdot v - \text{learning rate} \cdot \text{grad} \qquad \text{param} \leftarrow \text{param} + v$$
#
# The base class calls `update` once for each parameter. Change `param` in place.

# %% deletable=false nbgrader={"cell_type": "code", "checksum": "e1a57fa47f48f872acc2215d8dc39101", "grade": false, "grade_id": "more-momentum", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["optional"]
class SGDMomentum(Optimizer):
    """Stochastic gradient descent with momentum.

    Parameters
    ----------
    params : dict of str to ndarray
        The arrays that change.
    learning_rate : float
        Length of the steps.
    momentum : float
        Which part of the speed is kept, from 0 to 1.
    """

    def __init__(self, params, learning_rate, momentum=0.9):
        super().__init__(params)
        self.learning_rate = learning_rate
        self.momentum = momentum
        # YOUR CODE HERE
        raise NotImplementedError("This task is still open: replace this line.")

    def update(self, name, param, grad):
        """Change one parameter in place."""
        # YOUR CODE HERE
        raise NotImplementedError("This task is still open: replace this line.")


# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "c4ee1a1ccb1756e165271edbed6727df", "grade": true, "grade_id": "more-momentum-check", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
from chainrule.neuralnet import extension_checks as neuralnet_extensions

neuralnet_extensions.check_momentum(SGDMomentum)

# %% [markdown]
# ### Beside the plain model
#
# Train what you wrote beside the plain model, with the same images and about the same settings.
# `figures.training_comparison({"plain": history, "with momentum": another})` draws up to four runs into one figure.
# What does each extension buy, and what does it cost?

# %%
# Your comparison, if you wrote an extension.

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
# - One step: scores, loss, gradients, penalties. Then the optimizer moves the parameters.
# - A loss that stays at $\log C$ says that the network does not learn. Look at the learning rate first.
# - Settings are compared on validation images. A growing gap between training and validation is overfitting.
# - The test set gives one honest number, once.
#
# **Hand in.** Run `chainrule pack neuralnet --student YOUR-ID` in a terminal, or `!chainrule pack neuralnet --student YOUR-ID` in a cell of its own.
# The zip must hold both notebooks, `best.npz`, `overfit.npz` and `test_run.json`; `pack` says what is missing.
#
# In a terminal, `chainrule train` and `chainrule test` do what this notebook does, with your own functions:
#
#     chainrule train --hidden-dim 64 --learning-rate 0.1 --plot-file plot.pdf --checkpoint-file mine.npz
#     chainrule test --checkpoint-file mine.npz
