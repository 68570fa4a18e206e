# ---
# jupyter:
#   chainrule:
#     assignment: fitting
#     notebook: affine
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# **This is the Python backup of `affine.ipynb`**, for you who cannot run Jupyter.
#
# Edit it with any editor, and run it with `python affine.py`: it stops at the first task that is still open. `chainrule check affine.py` runs all checks and shows a table. Hand in this file in place of the notebook. Leave the lines that begin with `# %%` as they are: they mark the cells and carry their ids.

# %% [markdown]
# # Fitting an affine map by gradient descent
#
# You are given thousands of points, and for each of them the place where it should go.
# You find the map that takes them there.
#
# When you are done, you can
#
# - write a loss for many points at once, without a loop;
# - differentiate it with respect to a matrix and a vector;
# - walk downhill along the gradient;
# - choose a learning rate, and tell from a plot when it is too small or too large;
# - say when gradient descent is the right way to fit, and when RANSAC is.
#
# **Time:** about four hours.
#
# **You need:** matrix products, partial derivatives, and NumPy arrays.
#
# **Before you start:** the lesson *Fitting and gradient descent* explains the ideas at a slower pace, and introduces RANSAC.

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
# Each task has a cell for your code and **check cells** below it.
# Run a check cell as often as you like.
# When it fails, the last line of the message says what is probably wrong and where to look.
#
# Your marks come from the same checks, and from a few more on other inputs.
# The answers in words are read and marked by a person.
#
# Use NumPy.
# A library that differentiates or fits for you, such as PyTorch or `np.linalg.lstsq`, is not what these tasks are about.

# %% [markdown]
# ## Points and their partners
#
# A point $p$ and its partner $p'$ form a **correspondence**.
# Such pairs come from two photographs of the same thing, from two scans, or from a map and a view from the air.

# %% tags=["figure"]
from chainrule.fitting import figures

figures.correspondences()

# %% [markdown]
# The boat on the right is the boat on the left, moved by an affine map:
#
# $$p' \approx S\,p + t \qquad S = \begin{pmatrix} s_{11} & s_{12} \\ s_{21} & s_{22} \end{pmatrix} \qquad t = \begin{pmatrix} t_1 \\ t_2 \end{pmatrix}$$
#
# The matrix $S$ turns, stretches, shears and mirrors.
# The vector $t$ shifts.
# Six numbers describe the whole map.
#
# The partners were measured with a little noise, so no map is exact.

# %%
from chainrule.data import load_correspondences

P, P_prime = load_correspondences()
P.shape, P_prime.shape

# %% [markdown]
# Each **row** of `P` is a point, and the same row of `P_prime` is its partner.
# There are $N = 4560$ of them.

# %% [markdown]
# ## How wrong is a map?
#
# Begin with the map that does nothing: $S$ is the identity, and $t$ is zero.
# Its prediction for a point is the point itself.
# A line joins each prediction to its partner.

# %% tags=["figure"]
figures.residuals()

# %% [markdown]
# The shorter these lines, the better the map.
# The **loss** is the mean of their squared lengths:
#
# $$L(S, t) = \frac{1}{N} \sum_{i=1}^{N} \left\lVert S\,p_i + t - p'_i \right\rVert^2$$
#
# It is a function of the six numbers in $S$ and $t$.
# The points are given, and do not change.

# %% [markdown]
# ## Task 1: the loss and its gradients (6 points)
#
# Write a function that returns the loss, the predictions, and the gradients of the loss with respect to $S$ and $t$.
#
# | name | shape | what it is |
# |---|---|---|
# | `P` | (N, 2) | the points, one in each row |
# | `P_prime` | (N, 2) | their partners |
# | `S` | (2, 2) | the matrix |
# | `t` | (2,) | the shift |
# | **returns** `loss` | a number | the mean of the squared distances |
# | `prediction` | (N, 2) | $S\,p_i + t$ in row $i$ |
# | `grad_S` | (2, 2) | $\partial L / \partial s_{ab}$ in row $a$, column $b$ |
# | `grad_t` | (2,) | $\partial L / \partial t_a$ in place $a$ |
#
# No loops: a few array operations handle all points at once.
# The inputs stay as they are.
#
# Work it out on paper first, for a single point.
# Write down the first coordinate of $S\,p + t - p'$, square it, and differentiate it with respect to $s_{11}$, $s_{12}$ and $t_1$.

# %% [markdown]
# A small example to compare with, three points and all that happens to them:
#
# | $p$ | $S\,p + t$ | $p'$ | squared distance |
# |---|---|---|---|
# | (1, 0) | (1.5, 2) | (0.5, 3) | 2 |
# | (0, 1) | (2.5, 3) | (2.5, 5) | 4 |
# | (2, −1) | (0.5, 1) | (0.5, 1) | 0 |
#
# Here $S = \begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}$ and $t = (0.5, -1)$.
# The loss is the mean of the last column, 2.

# %% deletable=false nbgrader={"cell_type": "code", "checksum": "5ea083d4f4cc4ff508baaab9041cb894", "grade": false, "grade_id": "loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
import numpy as np


def affine_transform_loss(P, P_prime, S, t):
    """Mean squared distance between S p + t and p', with its gradients.

    Parameters
    ----------
    P, P_prime : arrays, (N, 2)
    S : array, (2, 2)
    t : array, (2,)

    Returns
    -------
    loss : number
    prediction : array, (N, 2)
    grad_S : array, (2, 2)
    grad_t : array, (2,)
    """
    # YOUR CODE HERE
    raise NotImplementedError("This task is still open: replace this line.")


# %% [markdown]
# <details>
# <summary>A hint for the side from which S acts</summary>
#
# In the formula a point is a column, and $S$ stands to its left.
# In `P` the points are rows.
# Transpose both sides of $q = S\,p$.
# On which side does the matrix stand now, and is it still $S$?
# </details>
#
# <details>
# <summary>A hint for grad_S</summary>
#
# For one point, $\partial L / \partial s_{ab}$ is a product of two numbers: one that depends on $a$, one that depends on $b$.
# So the four of them form a matrix that is made from two vectors.
# Sum over the points.
# A matrix product does both at once.
# </details>

# %% [markdown]
# Check the predictions and the loss.

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "85541b58147738bfbfc50050c0f93dc5", "grade": true, "grade_id": "loss-forward", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
from chainrule.fitting import checks

checks.check_loss_forward(affine_transform_loss)

# %% [markdown]
# Check the gradients against central differences of your own loss.
# Expect differences below $10^{-10}$.

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "7bac0071876d32b8dda871e654898265", "grade": true, "grade_id": "loss-gradients", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
from chainrule.fitting import checks

checks.check_loss_gradients(affine_transform_loss)

# %% [markdown]
# When both checks pass, look at the loss of the map that does nothing.

# %%
print("loss of the identity:", affine_transform_loss(P, P_prime, np.eye(2), np.zeros(2))[0])

# %% [markdown]
# It is about 1.39.
# A perfect map would still have a loss of about $5.1 \cdot 10^{-5}$, because of the noise.
# Everything between these two numbers is yours to gain.

# %% [markdown]
# ## Task 2: gradient descent (4 points)
#
# The gradient points where the loss grows fastest.
# So take a small step the other way, and look again.
# The **learning rate** $\eta$ decides how long the step is:
#
# $$S \leftarrow S - \eta\,\frac{\partial L}{\partial S} \qquad t \leftarrow t - \eta\,\frac{\partial L}{\partial t}$$
#
# Both gradients belong to the $S$ and $t$ before the step.
#
# | name | what it is |
# |---|---|
# | `P`, `P_prime` | arrays, (N, 2) |
# | `logger` | takes down what happens: call `logger.log(i, loss, prediction)` once in each step |
# | `learning_rate` | $\eta$, a number |
# | `steps` | how many steps to take |
# | **returns** `S`, `t` | arrays, (2, 2) and (2,) |
#
# Start at $S = $ identity and $t = 0$.
# Step `i` counts from 0.
# Log the loss and the prediction with which the step begins, so that the first loss is that of the identity.

# %% deletable=false nbgrader={"cell_type": "code", "checksum": "183e05b7ba0d2268bdf4078e8c88baf3", "grade": false, "grade_id": "fit", "locked": false, "schema_version": 3, "solution": true, "task": false}
import numpy as np


def fit_affine_transform(P, P_prime, logger, learning_rate, steps):
    """Fit S and t by gradient descent, from S = identity and t = 0.

    Returns
    -------
    S : array, (2, 2)
    t : array, (2,)
    """
    # YOUR CODE HERE
    raise NotImplementedError("This task is still open: replace this line.")


# %% [markdown]
# The next cell is given.
# It calls your function, and returns what was logged together with the result.
# The checks use it.

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "f8cbf08e46b9de367c01fb5a0babc46d", "grade": false, "grade_id": "logged-fit", "locked": true, "schema_version": 3, "solution": false, "task": false}
def logged_fit(P, P_prime, learning_rate, steps):
    """Run your fit; return its result, and the steps, losses and predictions that it logged."""
    from chainrule.fitting import FitLogger

    logger = FitLogger()
    result = fit_affine_transform(P, P_prime, logger, learning_rate, steps)
    return result, logger.steps, logger.losses, logger.predictions


# %% [markdown]
# This check takes a few steps and looks at each of them.
# It compares them with *your* gradients, so that a mistake in task 1 does not count twice.

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "d37dfd5a78f5280387cc2ac163c1e701", "grade": true, "grade_id": "fit-steps", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
from chainrule.fitting import checks

checks.check_fit_steps(logged_fit, affine_transform_loss)

# %% [markdown]
# This check fits the boat.

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "ffbb68add0376caa065de827fcad562f", "grade": true, "grade_id": "fit-result", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
from chainrule.fitting import checks

checks.check_fit_result(logged_fit)

# %% [markdown]
# ## Task 3: tune it (5 points)
#
# Your fit works with a learning rate that somebody else has chosen.
# Now choose it yourself.
#
# **Goal:** a final loss below $10^{-4}$, in a fit that takes less than five seconds.
#
# The next cell runs your fit with settings that are bad on purpose.
# Change them, run the cell again, and watch the loss.
# It draws the loss into `loss.png` and an animation of the fit into `fit.gif`, beside this notebook.

# %%
import time

from chainrule.runtime import is_grading

learning_rate = 1e-4
steps = 100

fit_now = not is_grading()  # results are handed in as numbers: marking does not fit again
if fit_now:
    from IPython.display import display

    from chainrule.fitting import FitLogger, animate, as_code, loss_plot

    logger = FitLogger(print_every=max(1, steps // 10))
    begun = time.perf_counter()
    S, t = fit_affine_transform(P, P_prime, logger, learning_rate, steps)
    seconds = time.perf_counter() - begun

    final_loss = affine_transform_loss(P, P_prime, S, t)[0]
    print(f"\nfinal loss {final_loss:.3g} in {seconds:.2f} s\n")
    print(as_code(learning_rate, steps, S, t))
    display(loss_plot(logger.losses, "loss.png"))
    display(animate(P_prime, logger.predictions, "fit.gif", logger.labels))

# %% [markdown]
# Look for two things.
#
# - With a **small** learning rate the loss falls, but slowly. How many steps would it need?
# - With a **large** one the loss grows instead of falling. How large is too large?
#
# The best learning rate lies between the two.
# The lesson *Fitting and gradient descent* shows why.

# %% [markdown]
# Then hand in your best fit.
# The cell above prints four lines: the settings, and the result that they lead to.
# Copy them into the function below.
#
# The check evaluates these numbers, and does not fit again.
# It counts the limit of five seconds as 5,000 steps, on every machine: a step without a loop takes less than a thousandth of a second.

# %% deletable=false nbgrader={"cell_type": "code", "checksum": "0b0062799a20e0c1eba2a4d09a2b92c6", "grade": false, "grade_id": "tune", "locked": false, "schema_version": 3, "solution": true, "task": false}
import numpy as np


def best_fit():
    """Return the settings of your best fit, and its result.

    Returns
    -------
    learning_rate : number
    steps : int
    S : array, (2, 2)
    t : array, (2,)
    """
    # YOUR CODE HERE
    raise NotImplementedError("This task is still open: replace this line.")


# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "569fe14c051a6900b6b9fa2444b99e5b", "grade": true, "grade_id": "tune-result", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
from chainrule.fitting import checks

checks.check_best_fit(best_fit)

# %% [markdown] deletable=false editable=false nbgrader={"cell_type": "markdown", "checksum": "9e01c355d009fedbf223cb1fa6554614", "grade": false, "grade_id": "tune-report", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": true}
# ### Report on your best fit
#
# Show the plot of the loss and the animation in the cell below, and fill in the numbers.
#

# %% [markdown]
# *Put the two pictures in place of this line. Type* `![the loss of my best fit](loss.png)` *and* `![my best fit](fit.gif)`*, and keep both files beside this notebook.*
#
# - **Learning rate and steps:**
# - **S and t:**
# - **Final loss, and the time that the fit took:**
# - **A learning rate that was too small, and what happened:**
# - **A learning rate that was too large, and what happened:**

# %% [markdown] deletable=false editable=false nbgrader={"cell_type": "markdown", "checksum": "3498e1a4ba39c1f4c00376e1e6b9abcd", "grade": false, "grade_id": "ransac", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": true}
# ## Task 4: gradient descent against RANSAC (10 points)
#
# RANSAC fits the same kind of map in another way.
# It draws three correspondences at random, works out the map that they determine, and counts how many others agree with it.
# It repeats that many times, keeps the map with the largest agreement, and fits it once more to all that agree.
# The lesson *Fitting and gradient descent* runs it on these points, with outliers among them.
#
# Compare the two ways.
# **What are the advantages and disadvantages of each?**
# Write three or four sentences in the cell below.
# Give a reason for each claim, and say when you would use which.
#

# %% [markdown]
# *Your three or four sentences.*

# %% [markdown]
# ## The same on the command line
#
# If you would rather work in a terminal, save this notebook and run your own functions from there:
#
#     chainrule fit gradcheck affine.ipynb
#     chainrule fit fit affine.ipynb --learning-rate 1e-4 --steps 100 --loss-plot loss.png --animated-gif fit.gif
#
# Only the imports, functions and classes of the notebook are run.
# The option `--help` lists all settings.

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
# - The loss says how wrong a map is, in one number.
# - Its gradient has one entry for each number of the map, and the same shape.
# - Gradient descent takes small steps against the gradient.
# - The learning rate decides: too small is slow, too large diverges.
# - Squared distances trust every point, so outliers need another way, such as RANSAC.
#
# **Hand in.** Restart the kernel and run all cells once more.
# Then run `chainrule pack fitting --student YOUR-ID` in a terminal, or `!chainrule pack fitting --student YOUR-ID` in a cell of its own.
# It looks through your work, says what is missing, and makes the zip file to hand in.
