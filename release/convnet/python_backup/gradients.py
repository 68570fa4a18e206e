# ---
# jupyter:
#   chainrule:
#     assignment: convnet
#     files: []
#     notebook: gradients
#     with:
#     - fashion_mnist
#     - cifar10
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# **This is the Python backup of `gradients.ipynb`**, for you who cannot run Jupyter.
#
# Edit it with any editor, and run it with `python gradients.py`: it stops at the first task that is still open. `chainrule check gradients.py` runs all checks and shows a table. Hand in this file in place of the notebook. Leave the lines that begin with `# %%` as they are: they mark the cells and carry their ids.

# %% [markdown]
# # Convolution and pooling by hand
#
# A convolution is a sum of products, like a fully-connected layer.
# Its weights are shared by all places of the image.
# In this notebook you find out what that does to the gradients.
#
# When you are done, you can
#
# - derive the gradients of a convolution, entry by entry;
# - test a formula of your own against central differences, and read from a heat map where it is wrong;
# - say how gradients pass through max pooling and average pooling.
#
# **Time:** about three hours, most of them with pencil and paper.
#
# **You need:** the chain rule, and NumPy arrays. No PyTorch.
#
# **Before you start:** the lesson *Convolution and pooling* shows the forward pass, and what a pixel has an influence on.

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
# You derive four results.
# A person reads and marks them.
# Type them in Markdown and LaTeX, or put in a photograph of your page.
#
# Below each derivation is a cell for your formula as code.
# It is optional and earns no points.
# But its check tells you whether your result is right, before anybody marks it.

# %% [markdown]
# ## The notation
#
# There is one image. The stride is 1, and outside the borders everything is zero.
#
# | name | shape | what it is |
# |---|---|---|
# | $X$ | $(H, V, C)$ | the image: $H$ rows, $V$ columns, $C$ channels |
# | $W$ | $(I, K, C, F)$ | $F$ filters of $I$ rows and $K$ columns, both odd |
# | $b$ | $(F,)$ | one bias for each filter |
# | $Y$ | $(H, V, F)$ | the output |
#
# All indices begin at 0.
# The middle of a filter lies at row $p = (I-1)/2$ and column $q = (K-1)/2$.
# The convolution is
#
# $$Y[x, y, f] = b[f] + \sum_{i=0}^{I-1} \sum_{k=0}^{K-1} \sum_{c=0}^{C-1} W[i, k, c, f] \; X[x + i - p,\; y + k - q,\; c]$$
#
# An entry of $X$ with an index outside the image is zero.
# $L$ is the loss, one number, and the upstream gradient $\partial L / \partial Y$ is given.
# In code it is called `dY`.

# %% [markdown]
# `conv_forward` is this sum in NumPy.
# Here is one filter that answers to edges, on a small image.

# %% tags=["figure"]
import numpy as np

from chainrule.convnet import conv_forward
from chainrule.convnet import figures

X = np.zeros((5, 5))
X[1:4, 1:4] = 3
X[2, 2] = 5
W = np.array([[0, -1, 0], [-1, 4, -1], [0, -1, 0]])
# conv_forward wants axes for channels and filters; here there is one of each
Y = conv_forward(X[:, :, np.newaxis], W[:, :, np.newaxis, np.newaxis], [0.0])[:, :, 0]

figures.convolution_step(X, W, Y, (1, 3))

# %% [markdown]
# The frame in the input is as large as the filter.
# Its nine products sum up to the framed entry of the output.
# Move the frame, and you get the other entries.

# %% [markdown]
# ## How to test a formula of your own
#
# A formula gets the place of one entry and the arrays, and returns one number.
# `try_formula` calls it for every entry and draws three heat maps: your gradient, central differences, and the difference.
# A cross marks an entry that does not agree.
#
# The formula below is wrong, and you can see how.

# %% tags=["figure"]
from chainrule.convnet import try_formula


def attempt(x, y, c, dY, X, W):
    return dY[x, y, 0] * X[x, y, c]


try_formula("X", attempt)

# %% [markdown] deletable=false editable=false nbgrader={"cell_type": "markdown", "checksum": "a986f7bc5b7983a38f108d0d6cd7c7a7", "grade": false, "grade_id": "entry-b-derivation", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": true}
# ## Task 1: the gradient of a bias (1 point)
#
# Derive $\partial L / \partial b[f]$.
# Which entries of $Y$ does $b[f]$ have an influence on, and with which factor?
#

# %% [markdown]
# *Put your derivation here.*

# %% [markdown]
# Your formula as code, optional: one entry, a number.
# Indices that lie outside the image are yours to handle.

# %% deletable=false nbgrader={"cell_type": "code", "checksum": "86ecc87d1de478c126aa1cfafaf4ccee", "grade": false, "grade_id": "entry-b", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["optional"]
import numpy as np


def entry_b(f, dY, X, W):
    """Return dL/db[f]: one number.

    dY is (H, V, F), X is (H, V, C), W is (I, K, C, F).
    """
    # YOUR CODE HERE
    raise NotImplementedError("This task is still open: replace this line.")


# %%
from chainrule.convnet import try_formula
from chainrule.runtime import is_grading

if not is_grading():
    try:
        display(try_formula("b", entry_b))
    except NotImplementedError:
        print("There is no formula yet.")

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "10d682cb4e02d44d32167ff4dd9bb49f", "grade": true, "grade_id": "entry-b-check", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
from chainrule.convnet import checks as convnet

convnet.check_formula("b", entry_b)

# %% [markdown] deletable=false editable=false nbgrader={"cell_type": "markdown", "checksum": "e8fd97a7675d2cb68e16ff3b13993776", "grade": false, "grade_id": "entry-W-derivation", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": true}
# ## Task 2: the gradient of a filter (3 points)
#
# Derive $\partial L / \partial W[i, k, c, f]$.
# Start with one output $Y[x, y, f]$, and say what its derivative with respect to $W[i, k, c, f]$ is.
# Then let the chain rule do its work: the same weight is used at every place.
# Say what happens at the borders.
#

# %% [markdown]
# *Put your derivation here.*

# %% [markdown]
# Your formula as code, optional: one entry, a number.
# Indices that lie outside the image are yours to handle.

# %% deletable=false nbgrader={"cell_type": "code", "checksum": "7d6e25285578421663b45770d9506c8a", "grade": false, "grade_id": "entry-W", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["optional"]
import numpy as np


def entry_W(i, k, c, f, dY, X, W):
    """Return dL/dW[i, k, c, f]: one number.

    dY is (H, V, F), X is (H, V, C), W is (I, K, C, F).
    """
    # YOUR CODE HERE
    raise NotImplementedError("This task is still open: replace this line.")


# %%
from chainrule.convnet import try_formula
from chainrule.runtime import is_grading

if not is_grading():
    try:
        display(try_formula("W", entry_W))
    except NotImplementedError:
        print("There is no formula yet.")

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "a19554f546e055343db16416be9337b5", "grade": true, "grade_id": "entry-W-check", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
from chainrule.convnet import checks as convnet

convnet.check_formula("W", entry_W)

# %% [markdown] deletable=false editable=false nbgrader={"cell_type": "markdown", "checksum": "ff7bb224d049b7861e867b9b8af6a109", "grade": false, "grade_id": "entry-X-derivation", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": true}
# ## Task 3: the gradient of a pixel (3 points)
#
# Derive $\partial L / \partial X[x, y, c]$.
# Which entries of $Y$ see this pixel?
# For each of them, which entry of the filter stands before it?
# Rename your indices with care, so that the ones of the pixel and the ones of the outputs do not have the same names.
#

# %% [markdown]
# *Put your derivation here.*

# %% [markdown]
# Your formula as code, optional: one entry, a number.
# Indices that lie outside the image are yours to handle.

# %% deletable=false nbgrader={"cell_type": "code", "checksum": "6809cef388b6cca61c69f2c432a5d77c", "grade": false, "grade_id": "entry-X", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["optional"]
import numpy as np


def entry_X(x, y, c, dY, X, W):
    """Return dL/dX[x, y, c]: one number.

    dY is (H, V, F), X is (H, V, C), W is (I, K, C, F).
    """
    # YOUR CODE HERE
    raise NotImplementedError("This task is still open: replace this line.")


# %%
from chainrule.convnet import try_formula
from chainrule.runtime import is_grading

if not is_grading():
    try:
        display(try_formula("X", entry_X))
    except NotImplementedError:
        print("There is no formula yet.")

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "c6ff48cb50b0c7959685d8feda540695", "grade": true, "grade_id": "entry-X-check", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
from chainrule.convnet import checks as convnet

convnet.check_formula("X", entry_X)

# %% [markdown]
# ## Pooling
#
# Pooling makes an image smaller.
# Here each block of two by two entries becomes one entry: its largest, or its mean.

# %% tags=["figure"]
from chainrule.convnet import figures

block = np.array([[1, 4, 0, 2], [3, 2, 5, 1], [6, 0, 2, 2], [1, 1, 3, 1]])
figures.pooling(block)

# %% [markdown] deletable=false editable=false nbgrader={"cell_type": "markdown", "checksum": "51ad01ccfe6ac5819588944733730028", "grade": false, "grade_id": "pooling", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": true}
# ## Task 4: gradients through pooling (3 points)
#
# Explain in words, with a sketch if you like, how the upstream gradient gets from the output of a pooling layer to its input:
#
# 1. for max pooling;
# 2. for average pooling.
#
# Say for each which entries of the input get a gradient, how large it is, and what the layer has to remember from the forward pass.
# What do you do when two entries of a block share the largest value?
#

# %% [markdown]
# *Put your explanation here.*

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
# - To derive a gradient, ask which outputs an entry has an influence on, and with which factor.
# - A shared weight has many paths to the loss. Their gradients add.
# - Central differences test a formula entry by entry. Look where the wrong entries lie.
#
# **Hand in** this notebook with `fashion_mnist.ipynb` and `cifar10.ipynb`.
