# ---
# jupyter:
#   chainrule:
#     assignment: modules
#     notebook: modules
#     with:
#     - iris
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# **This is the Python backup of `modules.ipynb`**, for you who cannot run Jupyter.
#
# Edit it with any editor, and run it with `python modules.py`: it stops at the first task that is still open. `chainrule check modules.py` runs all checks and shows a table. Hand in this file in place of the notebook. Leave the lines that begin with `# %%` as they are: they mark the cells and carry their ids.

# %% [markdown]
# # Layers as classes
#
# A neural network is built from a few kinds of layers.
# In this notebook you derive their gradients on paper, for a whole batch at once.
# Then you write each layer as a class, and put them together to a network.
# The notebook `iris` beside this one trains it.
#
# When you are done, you can
#
# - derive the gradients of a layer, entry by entry, and stack them into matrices;
# - test a formula of your own against central differences;
# - write layers that keep what they need, and nothing else;
# - say in which order a network calls its layers, forward and backward.
#
# **Time:** about six hours, half of them with pencil and paper.
#
# **You need:** the chain rule, matrix products, NumPy, and Python classes.
#
# **Before you start:** the lesson *Initialisation and activations* shows what the parts of a layer do to its signals.

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
# There are two kinds of tasks.
# **Derivations** are read and marked by a person.
# Type them in Markdown and LaTeX, or put in a photograph of your page.
# **Code** is marked by the check cells below it, and by a few more checks on other inputs.
#
# Run a check cell as often as you like.
# When it fails, the last line of the message says what is probably wrong and where to look.
#
# Use NumPy, and float64, which is its default.
# A library that differentiates for you, such as PyTorch, is for later assignments.

# %% [markdown]
# ## The notation
#
# A **batch** holds $m$ examples, one in each row.
#
# | name | shape | what it is |
# |---|---|---|
# | $X$ | $(m, n_{in})$ | the input of a layer |
# | $W$, $b$ | $(n_{in}, n_{out})$, $(1, n_{out})$ | weights and bias |
# | $Z$ | $(m, n_{out})$ | pre-activations |
# | $Y$ | $(m, n_{out})$ | the output of a layer |
# | $\hat{Y}$ | $(m, c)$ | the network's probabilities for $c$ classes |
#
# $L$ is the loss: one number for the whole batch.
# Every gradient has the shape of what it belongs to.
# So $\partial L / \partial W$ is a matrix of the shape of $W$, and its entry $i, j$ is $\partial L / \partial W_{ij}$.

# %% [markdown]
# ## The form of an activation
#
# An **activation** works on the pre-activations $Z$ of a layer.
# It has two methods and keeps nothing between calls.
#
# - `forward(Z)` returns $Y$.
# - `backward(Z, dY)` gets the same $Z$ again and the upstream gradient $\partial L / \partial Y$. It returns $\partial L / \partial Z$.
#
# Here is one as an example, the softplus $y = \log(1 + e^z)$.

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "873304d57fcfb71dc8ade2a1f0e54ef8", "grade": false, "grade_id": "example-softplus", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from chainrule.modules import Activation


class Softplus(Activation):
    """A smooth function that is almost 0 on the left and almost z on the right."""

    def forward(self, Z):
        return np.logaddexp(0.0, Z)

    def backward(self, Z, dY):
        # upstream gradient times local derivative, entry by entry
        return dY * 0.5 * (1.0 + np.tanh(0.5 * Z))


# %% [markdown]
# Its derivative is the sigmoid, written here with tanh because that cannot overflow.

# %%
from chainrule.modules import figures

figures.activation(Softplus(), "softplus")

# %% [markdown]
# ## How to test a formula of your own
#
# `check_gradients(fn, grad, x, dLdf, h=1e-6)` compares a gradient with central differences.
# It returns one number, the relative distance between the two.
# Below `1e-8` they agree.

# %%
from chainrule.modules import check_gradients

rng = np.random.default_rng(0)
Z = rng.normal(size=(2, 3))
dLdY = rng.normal(size=(2, 3))
softplus = Softplus()

check_gradients(softplus.forward, softplus.backward(Z, dLdY), Z, dLdY)

# %% [markdown]
# `compare_entries` takes the same arguments and shows every entry.
# Here is a formula with a mistake: it forgets the upstream gradient in the first row.

# %%
from chainrule.modules import compare_entries

attempt = softplus.backward(Z, dLdY)
attempt[0] = attempt[0] / dLdY[0]
compare_entries(softplus.forward, attempt, Z, dLdY)

# %% [markdown]
# Three entries disagree, and all of them are in the first row.
# That is where to look.

# %% [markdown] deletable=false editable=false nbgrader={"cell_type": "markdown", "checksum": "50fc91a30754706ffd013ec7a7c71bc8", "grade": false, "grade_id": "relu-derivation", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": true}
# ## Task 1: ReLU, the derivation (1 point)
#
# The rectified linear unit passes positive entries on and replaces negative ones by zero:
#
# $$Y_{ij} = \max(0, Z_{ij})$$
#
# You are given the upstream gradient $\partial L / \partial Y$.
# Derive $\partial L / \partial Z$.
# Start with one entry, $\partial L / \partial Z_{ij}$.
# Then write the result for the whole matrix.
# Say what you do where $Z_{ij} = 0$.
#

# %% [markdown]
# *Put your derivation here.*

# %% [markdown]
# ## Task 2: ReLU, the code (2 points)
#
# **`forward(Z)`** returns a new array of the shape of `Z`.
# **`backward(Z, dY)`** returns $\partial L / \partial Z$, of the same shape.
#
# Neither changes its arguments, and neither keeps anything on `self`.
# Use array operations; a loop in Python is not accepted.

# %% deletable=false nbgrader={"cell_type": "code", "checksum": "daf06b09a3bb495295339136d2086f5a", "grade": false, "grade_id": "relu", "locked": false, "schema_version": 3, "solution": true, "task": false}
import numpy as np

from chainrule.modules import Activation


class ReLU(Activation):
    """Pass positive entries on, and replace negative ones by zero."""

    def forward(self, Z):
        """Return Y for Z, both of shape (m, n)."""
        # YOUR CODE HERE
        raise NotImplementedError("This task is still open: replace this line.")

    def backward(self, Z, dY):
        """Return dL/dZ for Z and the upstream gradient dL/dY, all of shape (m, n)."""
        # YOUR CODE HERE
        raise NotImplementedError("This task is still open: replace this line.")


# %% [markdown]
# Test your formula here before you put it into `backward`.
# Change the line that is marked.

# %%
from chainrule.modules import compare_entries

rng = np.random.default_rng(1)
Z, dLdY = rng.normal(size=(2, 3)), rng.normal(size=(2, 3))

formula = np.zeros_like(Z)  # put your formula for dL/dZ here, with Z and dLdY
compare_entries(ReLU().forward, formula, Z, dLdY)

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "f1947620902aaa5044d3f44775bb92bd", "grade": true, "grade_id": "relu-forward", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
from chainrule.modules import checks as modules

modules.check_relu_forward(ReLU)

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "a9d44e591972150171e1b4a0107f8ce0", "grade": true, "grade_id": "relu-backward", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
from chainrule.modules import checks as modules

modules.check_relu_backward(ReLU)

# %% [markdown] deletable=false editable=false nbgrader={"cell_type": "markdown", "checksum": "ebe99cc3c559154a3b59b441bdfeef08", "grade": false, "grade_id": "fc-derivation", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": true}
# ## Task 3: the fully-connected layer, the derivation (3 points)
#
# The first step of a fully-connected layer is
#
# $$Z = X W + \mathbf{1}\, b$$
#
# where $\mathbf{1}$ is a column of $m$ ones: every example gets the same row $b$.
# You are given $\partial L / \partial Z$.
# Derive
#
# 1. $\partial L / \partial W$,
# 2. $\partial L / \partial b$,
# 3. $\partial L / \partial X$.
#
# For each of them, start with one entry.
# Write $Z_{ij}$ as a sum, and ask which entries of $Z$ the one entry has an influence on.
# Then write the result as a product of matrices, and check its shape.
#

# %% [markdown]
# *Put your derivation here.*

# %% [markdown]
# Test the three formulas.
# Each line that is marked holds zeros until you put your formula there.

# %%
from chainrule.modules import compare_entries

rng = np.random.default_rng(2)
X, W, b = rng.normal(size=(4, 2)), rng.normal(size=(2, 3)), rng.normal(size=(1, 3))
dLdZ = rng.normal(size=(4, 3))

dLdW = np.zeros_like(W)  # put your formula here
dLdb = np.zeros_like(b)  # put your formula here
dLdX = np.zeros_like(X)  # put your formula here

print("W:", compare_entries(lambda W: X @ W + b, dLdW, W, dLdZ), sep="\n")
print("b:", compare_entries(lambda b: X @ W + b, dLdb, b, dLdZ), sep="\n")
print("X:", compare_entries(lambda X: X @ W + b, dLdX, X, dLdZ), sep="\n")

# %% [markdown]
# ## Task 4: the fully-connected layer, the code (4 points)
#
# A fully-connected layer holds its activation: it computes $Y = act(XW + \mathbf{1}b)$.
# The figure shows what passes in and out.

# %% tags=["figure"]
from chainrule.modules import figures

figures.fully_connected()

# %% [markdown]
# A layer is made before anybody knows how wide its input is.
# So it creates its parameters when it sees its **first** input, and never again.
#
# | attribute | what it holds |
# |---|---|
# | `parameters` | a dict: `"W"` of shape (n_in, n_out), drawn by `initialize`; `"b"` of shape (1, n_out), zeros |
# | `gradients` | a dict with the same keys, filled by `backward` |
# | `cache` | a dict with whatever your `forward` wants to keep for `backward` |
#
# - `_init_parameters(X_shape)` fills `parameters`. `initialize(name, shape, seed)` draws weights; hand it the layer's `weight_init` and `seed`.
# - `forward(X)` returns $Y$.
# - `backward(dLdY)` stores the gradients of $W$ and $b$, and returns $\partial L / \partial X$. It replaces the gradients of an earlier call. It does not change `dLdY`.
#
# The optimizer changes the arrays in `parameters` in place.
# So `forward` has to use these arrays, and no copies of them.

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "b42e0fdd5cc80f1da0978c3608bc41cb", "grade": false, "grade_id": "make-activation", "locked": true, "schema_version": 3, "solution": false, "task": false}
from chainrule.modules import given_activation


def make_activation(name):
    """Return an activation by name: one of yours, or one that is given."""
    if name == "relu":
        return ReLU()
    if name == "softmax":
        return SoftMax()
    return given_activation(name)  # linear, identity, sigmoid, tanh


# %% deletable=false nbgrader={"cell_type": "code", "checksum": "7f5684d5e0f8b2918cff55044162fa6c", "grade": false, "grade_id": "fc", "locked": false, "schema_version": 3, "solution": true, "task": false}
import numpy as np

from chainrule.modules import Layer, initialize


class FullyConnected(Layer):
    """A fully-connected layer with its activation.

    Parameters
    ----------
    n_out : int
        Number of outputs.
    activation : str
        A name that `make_activation` knows.
    weight_init : str
        A name that `initialize` knows.
    seed : int, optional
        Seed of the weights.
    """

    def __init__(self, n_out, activation, weight_init="xavier_uniform", seed=None):
        super().__init__()
        self.n_out = n_out
        self.activation = make_activation(activation)
        self.weight_init = weight_init
        self.seed = seed

    def _init_parameters(self, X_shape):
        """Create W and b for inputs of shape X_shape, (m, n_in)."""
        # YOUR CODE HERE
        raise NotImplementedError("This task is still open: replace this line.")

    def forward(self, X):
        """Return Y of shape (m, n_out) for X of shape (m, n_in)."""
        # YOUR CODE HERE
        raise NotImplementedError("This task is still open: replace this line.")

    def backward(self, dLdY):
        """Store dL/dW and dL/db; return dL/dX of shape (m, n_in) for dL/dY of shape (m, n_out)."""
        # YOUR CODE HERE
        raise NotImplementedError("This task is still open: replace this line.")


# %% [markdown]
# <details>
# <summary>A hint for the order in backward</summary>
#
# The upstream gradient that arrives is $\partial L / \partial Y$.
# Your three formulas start from $\partial L / \partial Z$.
# Which object knows the way from one to the other?
# </details>
#
# <details>
# <summary>A hint for the shape of the bias gradient</summary>
#
# NumPy's sums can keep the axis that they add up: look for `keepdims` in their documentation.
# </details>

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "f134a35eb75b11f97d79b6ea2e311f60", "grade": true, "grade_id": "fc-forward", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
from chainrule.modules import checks as modules

modules.check_fc_forward(FullyConnected)

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "79366e1f3d2f4d476164e7e16f0c4e7f", "grade": true, "grade_id": "fc-backward", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
from chainrule.modules import checks as modules

modules.check_fc_backward(FullyConnected)

# %% [markdown] deletable=false editable=false nbgrader={"cell_type": "markdown", "checksum": "e2971bafad478b6ed5c5c4fe00f39864", "grade": false, "grade_id": "softmax-derivation", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": true}
# ## Task 5: softmax, the derivation (2 points)
#
# Softmax turns the scores $z$ of **one** example into probabilities $y$:
#
# $$y_j = \frac{e^{z_j}}{\sum_k e^{z_k}}$$
#
# Each probability depends on all scores.
# So the local derivatives form a matrix, the **Jacobian** $J$ with $J_{jk} = \partial y_j / \partial z_k$.
#
# 1. Derive $J_{jk}$. Distinguish $j = k$ from $j \neq k$, and write the results with $y$ alone.
# 2. You are given $\partial L / \partial y$ as a row. Write $\partial L / \partial z$ with $J$.
#

# %% [markdown]
# *Put your derivation here.*

# %% [markdown]
# ## Task 6: softmax, the code (2 points)
#
# **`forward(Z)`** applies softmax to each row of `Z`.
# Scores may be as large as 1000 or as small as -1000, and no result may be NaN or infinite.
# **`backward(Z, dY)`** returns $\partial L / \partial Z$.
#
# `forward` does without a loop.
# `backward` may loop over the examples, because each of them has a Jacobian of its own.

# %% deletable=false nbgrader={"cell_type": "code", "checksum": "0f89232dcbdb332f4748514fb05a2e87", "grade": false, "grade_id": "softmax", "locked": false, "schema_version": 3, "solution": true, "task": false}
import numpy as np

from chainrule.modules import Activation


class SoftMax(Activation):
    """Turn each row of scores into probabilities."""

    def forward(self, Z):
        """Return probabilities Y for scores Z, both of shape (m, n)."""
        # YOUR CODE HERE
        raise NotImplementedError("This task is still open: replace this line.")

    def backward(self, Z, dY):
        """Return dL/dZ for Z and the upstream gradient dL/dY, all of shape (m, n)."""
        # YOUR CODE HERE
        raise NotImplementedError("This task is still open: replace this line.")


# %% [markdown]
# Once your forward pass is written, test your Jacobian here, one row at a time.
# With the upstream gradient $(1, 0, 0)$, the gradient of $z$ is the first row of $J$.

# %%
from chainrule.modules import compare_entries

z = np.array([0.5, -1.0, 1.5])
jacobian = np.zeros((3, 3))  # put your formula here

for j in range(3):
    one_hot = np.eye(3)[j]
    print(f"row {j} of J:")
    print(compare_entries(lambda z: SoftMax().forward(z[np.newaxis])[0], jacobian[j], z, one_hot))

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "7efdea896306e550c969b62925e58635", "grade": true, "grade_id": "softmax-forward", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
from chainrule.modules import checks as modules

modules.check_softmax_forward(SoftMax)

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "94df2cc9934ba3a49c2be72122d6d9a7", "grade": true, "grade_id": "softmax-backward", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
from chainrule.modules import checks as modules

modules.check_softmax_backward(SoftMax)

# %% [markdown] deletable=false editable=false nbgrader={"cell_type": "markdown", "checksum": "e06f237242dfec23fbd7d5825a212f80", "grade": false, "grade_id": "cross-entropy-derivation", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": true}
# ## Task 7: cross-entropy, the derivation (2 points)
#
# The cross-entropy of a batch compares the labels $Y$ with the probabilities $\hat{Y}$, both of shape $(m, c)$.
# A label is one-hot: a row of zeros with a single 1 at the true class.
#
# $$L = -\frac{1}{m} \sum_{i=1}^{m} \sum_{j=1}^{c} Y_{ij} \log \hat{Y}_{ij}$$
#
# Derive $\partial L / \partial \hat{Y}$.
# Start with one example and one class.
# Then write the result for the whole batch.
#

# %% [markdown]
# *Put your derivation here.*

# %% [markdown]
# ## Task 8: cross-entropy, the code (2 points)
#
# **`forward(Y, Y_hat)`** returns $L$, one number.
# **`backward(Y, Y_hat)`** returns $\partial L / \partial \hat{Y}$, of shape (m, c).
#
# Both take the labels first.
# All probabilities that you get are greater than zero.

# %% deletable=false nbgrader={"cell_type": "code", "checksum": "d1bd591a165ec5097a020bd5e40cf3ee", "grade": false, "grade_id": "cross-entropy", "locked": false, "schema_version": 3, "solution": true, "task": false}
import numpy as np


class CrossEntropy:
    """The mean cross-entropy of a batch of probabilities."""

    def forward(self, Y, Y_hat):
        """Return the loss of probabilities Y_hat for one-hot labels Y, both of shape (m, c)."""
        # YOUR CODE HERE
        raise NotImplementedError("This task is still open: replace this line.")

    def backward(self, Y, Y_hat):
        """Return dL/dY_hat, of shape (m, c)."""
        # YOUR CODE HERE
        raise NotImplementedError("This task is still open: replace this line.")


# %%
from chainrule.modules import compare_entries

Y = np.eye(3)[[0, 2]]
Y_hat = np.array([[0.5, 0.3, 0.2], [0.1, 0.3, 0.6]])

formula = np.zeros_like(Y_hat)  # put your formula here
compare_entries(lambda p: np.array([CrossEntropy().forward(Y, p)]), formula, Y_hat, np.ones(1))

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "819ea3e90666a2ba06261124cfc03f18", "grade": true, "grade_id": "cross-entropy-forward", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
from chainrule.modules import checks as modules

modules.check_cross_entropy_forward(CrossEntropy)

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "6b70fd6df3f28a0ab8acf7411b029abf", "grade": true, "grade_id": "cross-entropy-backward", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
from chainrule.modules import checks as modules

modules.check_cross_entropy_backward(CrossEntropy)

# %% [markdown]
# ## Task 9: the network (6 points)
#
# A network is a list of layers, a loss and an optimizer.

# %% tags=["figure"]
figures.network()

# %% [markdown]
# The base class `Network` keeps them as `self.layers`, `self.loss` and `self.optimizer`.
# It also has `train`, `test` and `update`, which call what you write:
#
# - `forward(X)` sends a batch through all layers, and returns the output of the last one.
# - `backward(target, out)` computes the loss of the output `out` for the labels `target`. It sends the gradient back through all layers, so that each of them stores its gradients. It returns the loss.
# - `predict(X, Y)` returns two things: the output for `X`, and its loss for the labels `Y`. It changes no parameter and no gradient.
#
# A loss has `forward(Y, Y_hat)` and `backward(Y, Y_hat)`, like your `CrossEntropy`.
# None of the three methods changes the list of layers: a network can be trained, tested and trained again.

# %% deletable=false nbgrader={"cell_type": "code", "checksum": "aaa5f4fd4b13180db608deeeca800c21", "grade": false, "grade_id": "network", "locked": false, "schema_version": 3, "solution": true, "task": false}
from chainrule.modules import Network


class NeuralNetwork(Network):
    """Layers in a row, from the input to the output, with a loss and an optimizer."""

    def forward(self, X):
        """Return the output of the last layer for a batch X."""
        # YOUR CODE HERE
        raise NotImplementedError("This task is still open: replace this line.")

    def backward(self, target, out):
        """Store the gradients of all layers, and return the loss."""
        # YOUR CODE HERE
        raise NotImplementedError("This task is still open: replace this line.")

    def predict(self, X, Y):
        """Return the output for X, and its loss for the labels Y."""
        # YOUR CODE HERE
        raise NotImplementedError("This task is still open: replace this line.")


# %% [markdown]
# The checks of the network use given layers and a given loss.
# So a mistake in one of your layers costs nothing here.

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "5fee042f2811ea15e1d0dc58b4dbf8bb", "grade": false, "grade_id": "given-network", "locked": true, "schema_version": 3, "solution": false, "task": false}
from chainrule.modules import SGD, Dataset, SquaredError, given_layers


def network_of_given_layers(activations, learning_rate):
    """Return your network, made of one given layer for each activation."""
    return NeuralNetwork(given_layers(activations), SquaredError(), SGD(learning_rate))


def train_on(network, parts, epochs):
    """Train a network on the parts of a data set; return one row for each epoch."""
    return network.train(Dataset(parts, batch_size=5), epochs)


# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "4015dd7627bcf3e033c4eb018b3f0b2f", "grade": true, "grade_id": "network-forward", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
from chainrule.modules import checks as modules

modules.check_network_forward(network_of_given_layers)

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "0ae611ac310ba7df6fb9cd6c2a3ef7d5", "grade": true, "grade_id": "network-backward", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
from chainrule.modules import checks as modules

modules.check_network_backward(network_of_given_layers)

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "8cd11448ea3608a8d9fa2acfa610c0c3", "grade": true, "grade_id": "network-predict", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
from chainrule.modules import checks as modules

modules.check_network_predict(network_of_given_layers, train_on)

# %% [markdown]
# ## Everything together
#
# Now your layers, your loss and your network meet.
# This cell makes a network with a hidden layer, and checks one of its gradients from end to end.
# It earns no points, and it is the best test of all.

# %%
from chainrule.modules import SGD, check_gradients

rng = np.random.default_rng(3)
X, Y = rng.normal(size=(6, 4)), np.eye(3)[rng.integers(3, size=6)]
layers = [FullyConnected(5, "tanh", seed=1), FullyConnected(3, "softmax", seed=2)]
model = NeuralNetwork(layers, CrossEntropy(), SGD(0.1))
model.backward(Y, model.forward(X))
W, gradients = model.read_parameters()[0]["W"], model.read_gradients()[0]["W"]


def loss_for(W):
    model.layers[0].write_parameters({"W": W})
    return np.array([model.predict(X, Y)[1]])


print("relative distance:", check_gradients(loss_for, gradients, W, np.ones(1)))

# %% [markdown]
# The relative distance should be below `1e-8`.
# The gradient has come all the way from the loss through softmax, the second layer and tanh to the first weights.

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
# - A gradient has the shape of what it belongs to.
# - Derive one entry first, then stack the entries.
# - A row that is used $m$ times gets the sum of $m$ gradients.
# - A layer keeps what its backward pass needs. An activation keeps nothing.
# - Backward visits the layers in reverse order.
#
# Go on with `iris.ipynb`.
# When both notebooks are done, run `chainrule pack modules --student YOUR-ID` in a terminal.
