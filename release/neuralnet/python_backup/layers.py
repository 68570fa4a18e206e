# ---
# jupyter:
#   chainrule:
#     assignment: neuralnet
#     notebook: layers
#     with:
#     - cifar
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# **This is the Python backup of `layers.ipynb`**, for you who cannot run Jupyter.
#
# Edit it with any editor, and run it with `python layers.py`: it stops at the first task that is still open. `chainrule check layers.py` runs all checks and shows a table. Hand in this file in place of the notebook. Leave the lines that begin with `# %%` as they are: they mark the cells and carry their ids.

# %% [markdown]
# # Layers with forward and backward
#
# You build the parts of a neural network as functions.
# Each part knows its own forward and backward pass, and nothing about its neighbours.
# Then you put a network together from them, and its gradients come for free.
#
# When you are done, you can
#
# - write a layer as a pair of functions that hand a cache from one to the other;
# - derive gradients for whole minibatches, without a loop;
# - compute a softmax loss that survives scores of any size;
# - put layers together to a network that an optimizer can train.
#
# **Time:** about five hours.
#
# **You need:** the assignment `backprop`, matrix products, and NumPy's broadcasting.
#
# **Library:** NumPy alone, in float64.
#
# The notebook `cifar.ipynb` uses what you write here. Keep both in one folder.

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
# Each task has a cell for your code and some **check cells** below it.
# Run a check cell as often as you like.
# It prints one line when it passes.
# When it fails, the last line of the message says what is probably wrong and where to look.
# Your marks come from the same checks, and from a few more on other inputs.
#
# Run the cell below before you begin.

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "17ccd3581d126abe6e41e3b2121d9ddb", "grade": false, "grade_id": "given-imports", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from chainrule.neuralnet import Classifier

# %% [markdown]
# ## A layer is a pair of functions

# %% tags=["figure"]
from chainrule.neuralnet import figures

figures.layer()


# %% [markdown]
# The **forward** function computes the output.
# It also returns a **cache**: whatever its partner will need later.
# Nobody else looks into the cache, so you decide what is in it.
#
# The **backward** function gets the upstream gradient `grad_out` and the cache.
# It returns the downstream gradients: one for the input, and one for each parameter.
#
# Four rules hold for every layer here.
#
# 1. A gradient has the shape of the thing that it belongs to.
# 2. A layer keeps nothing between calls. All that `backward` needs is in the cache.
# 3. A layer never changes its inputs. The caller still needs them.
# 4. There is no mean over the minibatch in a layer. The loss takes it, once.
#
# ### Letters for shapes
#
# | letter | meaning |
# |---|---|
# | N | examples in a minibatch |
# | D, H | inputs of a layer, hidden units |
# | C | classes |
#
# The first axis is always the example.

# %% [markdown]
# ### One function that is given
#
# `l2_loss` compares outputs with numbers that they should be.
# It is a loss: it comes last, so it needs no cache and returns its gradient at once.

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "e2f378c0fb90696a1903e7375e43a01b", "grade": false, "grade_id": "given-l2-loss", "locked": true, "schema_version": 3, "solution": false, "task": false}
def l2_loss(x, y):
    """Half the squared difference, summed over outputs, averaged over the minibatch.

    Parameters
    ----------
    x, y : ndarray, (N, D)
        Outputs, and what they should be.

    Returns
    -------
    loss : float
    grad_x : ndarray, (N, D)
    """
    difference = x - y
    loss = 0.5 * np.sum(difference**2) / len(x)
    return loss, difference / len(x)


# %% [markdown]
# ## Task 1: the fully-connected layer (5 points)
#
# Every output is a weighted sum of all inputs, plus a bias:
#
# $$\text{out}_{nk} = \sum_d x_{nd} \, w_{dk} + b_k$$
#
# For a whole minibatch this is one matrix product.
# So are two of the three gradients.

# %% deletable=false nbgrader={"cell_type": "code", "checksum": "6115a319f034eb7edb742e59d2d5ca71", "grade": false, "grade_id": "fc", "locked": false, "schema_version": 3, "solution": true, "task": false}
def fc_forward(x, w, b):
    """Forward pass of a fully-connected layer.

    Parameters
    ----------
    x : ndarray, (N, Din)
        Inputs.
    w : ndarray, (Din, Dout)
        Weights.
    b : ndarray, (Dout,)
        Biases.

    Returns
    -------
    out : ndarray, (N, Dout)
    cache : object
        What `fc_backward` needs.
    """
    # YOUR CODE HERE
    raise NotImplementedError("This task is still open: replace this line.")
    return out, cache


def fc_backward(grad_out, cache):
    """Backward pass of a fully-connected layer.

    Parameters
    ----------
    grad_out : ndarray, (N, Dout)
        Upstream gradient.
    cache : object
        From `fc_forward`.

    Returns
    -------
    grad_x : ndarray, (N, Din)
    grad_w : ndarray, (Din, Dout)
    grad_b : ndarray, (Dout,)
    """
    # YOUR CODE HERE
    raise NotImplementedError("This task is still open: replace this line.")
    return grad_x, grad_w, grad_b


# %% [markdown]
# <details>
# <summary>A hint for the gradients</summary>
#
# Take one entry, say $w_{dk}$.
# Which outputs does it touch?
# Add up the upstream gradients of these, each times its local derivative.
# Then look for the matrix product that does this for all entries at once.
# Only one order of the factors has the right shapes.
# </details>
#
# <details>
# <summary>A hint for the bias</summary>
#
# The bias is used once for every example of the minibatch.
# What happens to the gradients of copies?
# </details>

# %% [markdown]
# The forward check compares a stored sample.
# The backward check compares each entry with central differences; the largest difference should be below 1e-9.

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "171ced9ea6e6470c8a8a68f14974488c", "grade": true, "grade_id": "fc-forward", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
from chainrule.neuralnet import checks as neuralnet

neuralnet.check_fc_forward(fc_forward)

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "c303f36bea9976741a53e5ee94db2b21", "grade": true, "grade_id": "fc-backward", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
from chainrule.neuralnet import checks as neuralnet

neuralnet.check_fc_backward(fc_forward, fc_backward)


# %% [markdown]
# ## What the pair is good for
#
# With one layer and one loss you can already fit a straight line.
# This is a complete step of linear regression.
# Read how the gradient goes back the way that the values came.

# %%
def regression_step(x, y, w, b, learning_rate):
    """One step of gradient descent for linear regression; changes w and b."""
    prediction, cache = fc_forward(x, w, b)
    loss, grad_prediction = l2_loss(prediction, y)
    _, grad_w, grad_b = fc_backward(grad_prediction, cache)
    w -= learning_rate * grad_w
    b -= learning_rate * grad_b
    return loss


# %%
rng = np.random.default_rng(442)
x = rng.normal(size=(200, 1))
y = 3.0 * x - 2.0 + 0.1 * rng.normal(size=(200, 1))
w, b = np.zeros((1, 1)), np.zeros(1)
losses = [regression_step(x, y, w, b, learning_rate=0.1) for _ in range(100)]
print(f"loss {losses[0]:.3f} -> {losses[-1]:.4f}, w = {w[0, 0]:.2f}, b = {b[0]:.2f}")


# %% [markdown]
# The data were made with the slope 3 and the offset -2, and the step finds both.
# No line of `regression_step` knows how a fully-connected layer works.
# Another layer or another loss could stand there, and only its two lines would change.
# That is why each part has its own forward and backward pass.

# %% [markdown]
# ## Task 2: ReLU (5 points)
#
# $$\text{out} = \max(0, x)$$
#
# for each entry of an array of any shape.
# The slope is 1 for positive entries and 0 for negative ones.
# At exactly 0 there is a kink. Any value from 0 to 1 is accepted there.

# %% deletable=false nbgrader={"cell_type": "code", "checksum": "ed5b6628c97031c674c992f1e1a1023a", "grade": false, "grade_id": "relu", "locked": false, "schema_version": 3, "solution": true, "task": false}
def relu_forward(x):
    """Forward pass of ReLU.

    Parameters
    ----------
    x : ndarray, any shape

    Returns
    -------
    out : ndarray, shape of x
    cache : object
        What `relu_backward` needs.
    """
    # YOUR CODE HERE
    raise NotImplementedError("This task is still open: replace this line.")
    return out, cache


def relu_backward(grad_out, cache):
    """Backward pass of ReLU.

    Parameters
    ----------
    grad_out : ndarray, any shape
        Upstream gradient.
    cache : object
        From `relu_forward`.

    Returns
    -------
    grad_x : ndarray, shape of grad_out
    """
    # YOUR CODE HERE
    raise NotImplementedError("This task is still open: replace this line.")
    return grad_x


# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "62c27f6a165414a281ab75d371477b53", "grade": true, "grade_id": "relu-forward", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
from chainrule.neuralnet import checks as neuralnet

neuralnet.check_relu_forward(relu_forward)

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "750ef8592a010ec39afe7e4a2e0888f0", "grade": true, "grade_id": "relu-backward", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
from chainrule.neuralnet import checks as neuralnet

neuralnet.check_relu_backward(relu_forward, relu_backward)


# %% [markdown]
# ## Task 3: the softmax loss (5 points)
#
# A classifier gives a score to every class.
# Softmax turns the scores of an example into probabilities, and the loss is small when the right class has a large one:
#
# $$p_{nc} = \frac{e^{x_{nc}}}{\sum_j e^{x_{nj}}} \qquad L = -\frac{1}{N} \sum_n \log p_{n y_n}$$
#
# Here is the mean over the minibatch.
#
# **It must be stable.** $e^{1000}$ is too large for a float, and $e^{-1000}$ is rounded to 0.
# For scores between -1000 and 1000 your loss and its gradient are finite and right, whichever class is the right one.

# %% deletable=false nbgrader={"cell_type": "code", "checksum": "c3b60afed90b6c23c7d0737f24dc9247", "grade": false, "grade_id": "softmax", "locked": false, "schema_version": 3, "solution": true, "task": false}
def softmax_loss(x, y):
    """Softmax loss, and its gradient with respect to the scores.

    Parameters
    ----------
    x : ndarray, (N, C)
        Scores.
    y : ndarray, (N,)
        Right classes, whole numbers from 0 to C - 1.

    Returns
    -------
    loss : float
        Mean over the minibatch.
    grad_x : ndarray, (N, C)
    """
    # YOUR CODE HERE
    raise NotImplementedError("This task is still open: replace this line.")
    return loss, grad_x


# %% [markdown]
# <details>
# <summary>A hint for large scores</summary>
#
# Subtract the same number from all scores of one example.
# What happens to the fraction?
# Choose the number so that no exponential can overflow.
# </details>
#
# <details>
# <summary>A hint for small probabilities</summary>
#
# A probability can be rounded to 0, and the logarithm of 0 is infinite.
# Write $\log$ of the fraction as a difference first.
# Which of its two parts is simple?
# </details>
#
# <details>
# <summary>A hint for the gradient</summary>
#
# You derived it for two scores in `backprop`, in task 3.
# Look at the two gradients there: one is a probability, the other a probability minus one.
# </details>

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "e84d324af3cf0a19ae201970d74d0eb0", "grade": true, "grade_id": "softmax-loss", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
from chainrule.neuralnet import checks as neuralnet

neuralnet.check_softmax_loss(softmax_loss)

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "4acaa69ab33ed50da47ecccf5a8ab43e", "grade": true, "grade_id": "softmax-gradient", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
from chainrule.neuralnet import checks as neuralnet

neuralnet.check_softmax_gradient(softmax_loss)

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "272840238da5ac041fe90c904326b7c6", "grade": true, "grade_id": "softmax-stable", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
from chainrule.neuralnet import checks as neuralnet

neuralnet.check_softmax_stable(softmax_loss)


# %% [markdown]
# ## Task 4: L2 regularization (5 points)
#
# The penalty keeps weights small:
#
# $$L = \frac{\lambda}{2} \sum w^2$$
#
# `reg` is $\lambda$, and the sum runs over all entries of an array of any shape.

# %% deletable=false nbgrader={"cell_type": "code", "checksum": "4094008cd9c4d4e9557256f1bbdebf76", "grade": false, "grade_id": "l2", "locked": false, "schema_version": 3, "solution": true, "task": false}
def l2_regularization(w, reg):
    """L2 penalty of an array, and its gradient.

    Parameters
    ----------
    w : ndarray, any shape
        Weights.
    reg : float
        Strength of the penalty.

    Returns
    -------
    loss : float
    grad_w : ndarray, shape of w
    """
    # YOUR CODE HERE
    raise NotImplementedError("This task is still open: replace this line.")
    return loss, grad_w


# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "1db0d7c024363f569e2bd3b731f5ea3f", "grade": true, "grade_id": "l2-loss", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
from chainrule.neuralnet import checks as neuralnet

neuralnet.check_l2_loss(l2_regularization)

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "6164c926e9783fa88c85233ebb48d688", "grade": true, "grade_id": "l2-gradient", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
from chainrule.neuralnet import checks as neuralnet

neuralnet.check_l2_gradient(l2_regularization)


# %% [markdown]
# ## From layers to a classifier
#
# A classifier gives each class a score.
# The base class `Classifier` asks a subclass for three methods.
#
# | method | returns |
# |---|---|
# | `parameters()` | a dictionary: name to array, the model's **own** arrays |
# | `forward(X)` | the scores (N, C), and a cache |
# | `backward(grad_scores, cache)` | a dictionary: the same names, to gradients |
#
# In return it gives you four.
# `predict(X)` returns the class with the highest score.
# `save(file)` and `load(file)` keep the parameters in an `.npz` file.
# `set_parameters(values)` copies values into your arrays.
#
# Here is one with a single layer, built from your functions.

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "94bad787f0ac51c4b78f860abd4df4bd", "grade": false, "grade_id": "given-linear", "locked": true, "schema_version": 3, "solution": false, "task": false}
class LinearClassifier(Classifier):
    """Scores that are a linear function of the inputs.

    Parameters
    ----------
    input_dim, num_classes : int
        Sizes.
    weight_scale : float
        Standard deviation of the first weights.
    dtype : dtype
        float64 for checks; float32 trains twice as fast.
    seed : int, optional
        Seed of the first weights.
    """

    def __init__(
        self, input_dim=3072, num_classes=10, weight_scale=1e-3, dtype=np.float64, seed=None
    ):
        rng = np.random.default_rng(seed)
        W = rng.normal(0.0, weight_scale, size=(input_dim, num_classes))
        self.W = W.astype(dtype)
        self.b = np.zeros(num_classes, dtype=dtype)

    def parameters(self):
        return {"W": self.W, "b": self.b}

    def forward(self, X):
        return fc_forward(X, self.W, self.b)

    def backward(self, grad_scores, cache):
        _, grad_W, grad_b = fc_backward(grad_scores, cache)
        return {"W": grad_W, "b": grad_b}


# %% [markdown]
# Its gradients are right if your fully-connected layer is.
# This check earns no points. The largest difference should be below 1e-10.

# %%
from chainrule.neuralnet import checks as neuralnet

neuralnet.check_linear_classifier(LinearClassifier)

# %% [markdown]
# ## Task 5: a two-layer network (10 points)

# %% tags=["figure"]
figures.two_layer_network()


# %% [markdown]
# Write `TwoLayerNet`: a fully-connected layer, ReLU, another fully-connected layer.
# The softmax loss is no part of it.
#
# - `__init__` draws both weight matrices from a normal distribution with mean 0 and standard deviation `weight_scale`. Both biases start at zero. All four have the type `dtype`.
# - You choose the names of the parameters.
# - `parameters()` returns the model's own arrays. An optimizer changes them in place, and then the scores must change.
# - `backward` returns a dictionary with the same names.
# - What `backward` needs goes through the cache, not through `self`.
#
# Build it from your layer functions, as `LinearClassifier` does.

# %% deletable=false nbgrader={"cell_type": "code", "checksum": "978185b884c71d5167659962a08ed93b", "grade": false, "grade_id": "net", "locked": false, "schema_version": 3, "solution": true, "task": false}
class TwoLayerNet(Classifier):
    """Fully-connected layer, ReLU, fully-connected layer.

    Parameters
    ----------
    input_dim, num_classes, hidden_dim : int
        Sizes.
    weight_scale : float
        Standard deviation of the first weights.
    dtype : dtype
        float64 for checks; float32 trains twice as fast.
    seed : int, optional
        Seed of the first weights.
    """

    def __init__(
        self,
        input_dim=3072,
        num_classes=10,
        hidden_dim=512,
        weight_scale=1e-3,
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
        return scores, cache

    def backward(self, grad_scores, cache):
        """Return a dictionary of gradients, named like the parameters."""
        # YOUR CODE HERE
        raise NotImplementedError("This task is still open: replace this line.")


# %% [markdown]
# <details>
# <summary>A hint for the caches</summary>
#
# Three layers give three caches.
# A tuple of three is a cache too.
# </details>
#
# <details>
# <summary>A hint for the order</summary>
#
# Write the three forward lines below one another.
# The three backward lines are the same, read from the bottom to the top.
# </details>

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "fa51576b64d1659922291c97b0817818", "grade": true, "grade_id": "net-parameters", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
from chainrule.neuralnet import checks as neuralnet

neuralnet.check_two_layer_parameters(TwoLayerNet)

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "72163dd9af00a7808ce2db40a433e9d7", "grade": true, "grade_id": "net-forward", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
from chainrule.neuralnet import checks as neuralnet

neuralnet.check_two_layer_forward(TwoLayerNet)

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "51118480b47a7b38252e715a99067328", "grade": true, "grade_id": "net-backward", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
from chainrule.neuralnet import checks as neuralnet

neuralnet.check_two_layer_backward(TwoLayerNet)

# %% [markdown]
# When all checks pass, look at your `backward` once more.
# There is no derivative in it.
# All calculus sits in the layers; the network only hands gradients on.

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
# - A layer is a pair of functions. The cache is all that passes between them.
# - A gradient has the shape of its value, and the gradients of copies add: over the minibatch, for a bias.
# - The mean over the minibatch belongs to the loss.
# - Softmax is stable when the largest score is subtracted and the logarithm is simplified first.
# - A network calls its layers forwards, then backwards in the opposite order.
#
# **Go on** with `cifar.ipynb`. It takes your functions and classes from this notebook, so save it first.
