# ---
# jupyter:
#   chainrule:
#     assignment: backprop
#     notebook: graphs
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# **This is the Python backup of `graphs.ipynb`**, for you who cannot run Jupyter.
#
# Edit it with any editor, and run it with `python graphs.py`: it stops at the first task that is still open. `chainrule check graphs.py` runs all checks and shows a table. Hand in this file in place of the notebook. Leave the lines that begin with `# %%` as they are: they mark the cells and carry their ids.

# %% [markdown]
# # Backprop by hand: computational graphs
#
# You work out gradients by hand, one edge of a graph at a time.
# A computer then checks every one of them.
#
# When you are done, you can
#
# - draw an expression as a computational graph;
# - write its forward pass, one line for each operator;
# - write its backward pass, one line for each edge;
# - say what happens to the gradient of a value that is used twice;
# - check any gradient with central differences.
#
# **Time:** about three hours.
#
# **You need:** the derivatives of $x^2$, $e^x$, $\log x$ and $1/x$, and Python functions.
#
# **Before you start:** the lesson *Computational graphs* explains the ideas at a slower pace.

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
# Each task has a cell for your code and one or more **check cells** below it.
# Run a check cell as often as you like.
# When a check passes, it prints one line.
# When it fails, the last line of the message says what is probably wrong and where to look.
#
# Your marks come from the same checks, and from a few more on other inputs.
# So write functions that work for all inputs, not only for the ones you see.
#
# Use plain arithmetic and `math` or `numpy` functions.
# A library that differentiates for you, such as PyTorch, is for later assignments.

# %% [markdown]
# ## Two passes through a graph
#
# A computational graph shows how a number is computed.
# Every node is an operator or an input.
# Every edge carries one value.
#
# The **forward pass** goes from left to right and computes the values.
# The **backward pass** goes from right to left and computes gradients.
# The gradient of a value says how fast the output $L$ changes when that value changes.
#
# At each operator the backward pass does the same small thing:
#
# - the **upstream gradient** arrives from the right: how fast $L$ changes with the operator's output;
# - the **local derivative** says how fast the operator's output changes with one of its inputs;
# - their product is the **downstream gradient**, which goes on to the left.
#
# That product is the chain rule.
# It needs one line of code for each edge.

# %% [markdown]
# ## First example: $L = c + a\,b$
#
# Two operators, five edges.

# %% tags=["figure"]
from chainrule.backprop import figures as graphs

graphs.example_sum()


# %% [markdown]
# The product has the name $d$ in the drawing and in the code.
# The backward pass starts at the output.
# The gradient of $L$ with respect to itself is 1.
#
# A sum hands its upstream gradient on unchanged.
# A product multiplies it by *the other* factor.

# %%
def worked_sum(a, b, c):
    # forward: one line for each operator
    d = a * b
    L = c + d

    # backward: one line for each edge, from the output to the inputs
    grad_L = 1.0
    grad_c = grad_L
    grad_d = grad_L
    grad_a = grad_d * b
    grad_b = grad_d * a
    return L, (grad_a, grad_b, grad_c)


worked_sum(2.0, 3.0, 4.0)

# %% [markdown]
# The output is 10, and the gradients are 3, 2 and 1.
# Read them as speeds.
# If $a$ grows by 0.01, $L$ grows by about $3 \times 0.01$.

# %% [markdown]
# ## Second example: $L = a\,b + c\,b$
#
# Here $b$ is used twice.

# %% tags=["figure"]
graphs.example_shared()

# %% [markdown]
# Two edges leave $b$, so two gradients come back to it.
# Which one is right?
#
# Make the second use visible.
# The **copy operator** takes one value and returns two equal copies.
# After it, every value in the graph is used exactly once.

# %% tags=["figure"]
graphs.example_copy()


# %% [markdown]
# If $b$ grows a little, both copies grow, and $L$ changes through both of them.
# So the gradients of the copies **add**.
# That is the backward pass of the copy operator, and the only rule that you need beside the chain rule.

# %%
def worked_copy(a, b, c):
    # forward: b1 and b2 are the copies, b' and b'' in the drawing
    b1, b2 = b, b
    d = a * b1
    e = c * b2
    L = d + e

    # backward
    grad_L = 1.0
    grad_d = grad_L
    grad_e = grad_L
    grad_a = grad_d * b1
    grad_b1 = grad_d * a
    grad_c = grad_e * b2
    grad_b2 = grad_e * c
    grad_b = grad_b1 + grad_b2
    return L, (grad_a, grad_b, grad_c)


worked_copy(2.0, 3.0, 4.0)

# %% [markdown]
# ## How a gradient is checked
#
# You can measure a gradient without any calculus.
# Move one input a little to both sides, and see how much the output moves:
#
# $$\frac{\partial L}{\partial b} \approx \frac{L(b + h) - L(b - h)}{2h}$$
#
# This is called a **central difference**.

# %%
h = 1e-5
above, _ = worked_copy(2.0, 3.0 + h, 4.0)
below, _ = worked_copy(2.0, 3.0 - h, 4.0)
(above - below) / (2 * h)

# %% [markdown]
# The measured value is 6, up to rounding: the sum $a + c$ of both paths.
# With only one path counted, the backward pass would have said 2 or 4.

# %% [markdown]
# ## Task 1: a squared error (3 points)
#
# Write the forward and the backward pass of
#
# $$L = (w_1 x_1 + w_2 x_2 + b - y)^2$$
#
# as it is drawn here.

# %% tags=["figure"]
graphs.f1()


# %% [markdown]
# **Inputs:** six numbers. **Returns:** `L` and a tuple of six gradients, in the order of the inputs.

# %% deletable=false nbgrader={"cell_type": "code", "checksum": "39eadacf72038d438a7030ec22e5a1a5", "grade": false, "grade_id": "f1", "locked": false, "schema_version": 3, "solution": true, "task": false}
def f1(x1, w1, x2, w2, b, y):
    """Squared error of a linear function, with its gradients.

    Returns
    -------
    L : number
    gradients : tuple of 6 numbers
        dL/dx1, dL/dw1, dL/dx2, dL/dw2, dL/db, dL/dy
    """
    ### BEGIN SOLUTION
    # canary-58b2a2055bb55bcb
    product1 = w1 * x1
    product2 = w2 * x2
    score = product1 + product2 + b
    error = score - y
    L = error**2

    grad_error = 2.0 * error
    grad_score = grad_error
    grad_y = -grad_error
    grad_product1 = grad_score
    grad_product2 = grad_score
    grad_b = grad_score
    grad_w1 = grad_product1 * x1
    grad_x1 = grad_product1 * w1
    grad_w2 = grad_product2 * x2
    grad_x2 = grad_product2 * w2
    ### END SOLUTION
    return L, (grad_x1, grad_w1, grad_x2, grad_w2, grad_b, grad_y)


# %% [markdown]
# <details>
# <summary>A hint for the subtraction</summary>
#
# If $y$ grows by a little, does the difference grow or shrink?
# Each of the two edges into the subtraction has its own local derivative.
# </details>

# %% [markdown]
# Check the forward pass. 100 stored samples are compared with your outputs; the largest difference should be below 1e-10.

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "3153545bfb7a6da9a31573008081c82f", "grade": true, "grade_id": "f1-forward", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
from chainrule.backprop import checks as backprop

backprop.check_forward("f1", f1)

# %% [markdown]
# Check the backward pass against central differences of your own forward pass. The tolerance is 1e-10.

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "e3bf2331bf25d4f0137edefc525d2fb3", "grade": true, "grade_id": "f1-backward", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
from chainrule.backprop import checks as backprop

backprop.check_backward("f1", f1)

# %% [markdown]
# ## Task 2: a value used twice (4 points)
#
# Write the forward and the backward pass of these five steps.
#
# $$d = 2x \qquad e = \exp(d) \qquad t = e - 1 \qquad b = e + 1 \qquad y = t / b$$
#
# The value $e$ is used twice.

# %% tags=["figure"]
graphs.f2()


# %% [markdown]
# **Input:** a number. **Returns:** `y` and a tuple that holds one gradient, $\partial y / \partial x$.
# A tuple of one needs a comma: `(grad_x,)`.

# %% deletable=false nbgrader={"cell_type": "code", "checksum": "a54c1f885f99bc1cb2603d836768eef2", "grade": false, "grade_id": "f2", "locked": false, "schema_version": 3, "solution": true, "task": false}
def f2(x):
    """A fraction of exponentials, with its gradient.

    Returns
    -------
    y : number
    gradients : tuple of 1 number
        dy/dx
    """
    ### BEGIN SOLUTION
    # canary-efcfe3fb2c3ea935
    import math

    d = 2.0 * x
    e = math.exp(d)
    e_top, e_bottom = e, e
    t = e_top - 1.0
    b = e_bottom + 1.0
    y = t / b

    grad_t = 1.0 / b
    grad_bottom = -t / b**2
    grad_e_top = grad_t
    grad_e_bottom = grad_bottom
    grad_e = grad_e_top + grad_e_bottom
    grad_d = grad_e * e
    grad_x = grad_d * 2.0
    ### END SOLUTION
    return y, (grad_x,)


# %% [markdown]
# <details>
# <summary>A hint for the copy</summary>
#
# Draw the copy operator into the figure.
# Two gradients arrive at it, one from $t$ and one from $b$.
# </details>

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "1986d94d0400c8c0480525bf8bd19d3a", "grade": true, "grade_id": "f2-forward", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
from chainrule.backprop import checks as backprop

backprop.check_forward("f2", f2)

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "2cc3db4e10f5f5028884dde5b048d0d3", "grade": true, "grade_id": "f2-backward", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
from chainrule.backprop import checks as backprop

backprop.check_backward("f2", f2)

# %% [markdown]
# Look at the outputs of `f2` for inputs from $-3$ to $3$.
# You have met this function under another name.
# Which one is it?
# Multiply the numerator and the denominator of $y$ by $e^{-x}$, if you want to be sure.

# %% [markdown]
# ## Task 3: softmax and cross-entropy of two scores (8 points)
#
# A classifier gives a score to each of two classes.
# Softmax turns the two scores into two probabilities.
# The loss is small when the probability of the true class $y$ is large:
#
# $$e_1 = \exp(s_1) \qquad e_2 = \exp(s_2) \qquad d = e_1 + e_2$$
#
# $$p_1 = e_1 / d \qquad p_2 = e_2 / d \qquad p_+ = \begin{cases} p_1 & \text{if } y = 1 \\ p_2 & \text{if } y = 2 \end{cases} \qquad L = -\log p_+$$

# %% tags=["figure"]
graphs.f3()


# %% [markdown]
# **Inputs:** the scores `s1` and `s2`, and the class `y`, which is 1 or 2.
# **Returns:** `L` and a tuple of two gradients, $\partial L / \partial s_1$ and $\partial L / \partial s_2$.
# The class is a choice, not a quantity, so it has no gradient.
# **Errors:** any other `y` raises a `ValueError`.
#
# The last operator chooses one of its inputs.
# The chosen input gets the whole upstream gradient.
# The other one has no influence on the output.

# %% deletable=false nbgrader={"cell_type": "code", "checksum": "8d762082c84f08cf4b368ed9c08e47e0", "grade": false, "grade_id": "f3", "locked": false, "schema_version": 3, "solution": true, "task": false}
def f3(s1, s2, y):
    """Softmax cross-entropy of two scores, with its gradients.

    Returns
    -------
    L : number
    gradients : tuple of 2 numbers
        dL/ds1, dL/ds2

    Raises
    ------
    ValueError
        If y is neither 1 nor 2.
    """
    # YOUR CODE HERE
    raise NotImplementedError("This task is still open: replace this line.")
    return L, (grad_s1, grad_s2)


def f3_y1(s1, s2):
    """f3 for class 1."""
    return f3(s1, s2, y=1)


def f3_y2(s1, s2):
    """f3 for class 2."""
    return f3(s1, s2, y=2)


# %% [markdown]
# <details>
# <summary>A hint for finding all the paths</summary>
#
# Count the edges that leave each node of the drawing.
# Three of the nodes need a copy operator.
# </details>
#
# <details>
# <summary>A hint for the division</summary>
#
# A division has two inputs, so it has two local derivatives.
# Write $p = e \cdot d^{-1}$ and differentiate with respect to each of them in turn.
# </details>

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "0f616cf892582153b68de2e7c2b656cb", "grade": true, "grade_id": "f3-forward", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
from chainrule.backprop import checks as backprop

backprop.check_forward("f3", f3)

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "8e838da3a18862aef7e67898adcdf90f", "grade": true, "grade_id": "f3-backward", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
from chainrule.backprop import checks as backprop

backprop.check_backward("f3", f3)


# %% [markdown]
# When both checks pass, print `f3(2.0, 1.0, y=1)`, and compare the two gradients.
# They add up to zero.
# Can you see from the formula of the loss why that must be so?
# What happens to the loss when both scores grow by the same amount?

# %% [markdown]
# ## Task 4: your own graph, the code (5 points)
#
# Invent a function of your own, and write its forward and backward pass.
#
# - At least **five operators** lie on the way from the inputs to the output.
#   They may be of the same kind.
# - It has as many inputs as you like, each with a name of its own.
# - It is smooth and finite where every input lies between 0.5 and 1.5. The checks draw their points there.
#
# **Returns:** the output, and a tuple with one gradient for each input, in the order of the inputs.
#
# A good graph uses at least one value twice.

# %% deletable=false nbgrader={"cell_type": "code", "checksum": "03975f17bf569e8e1fb43b3c48701b4f", "grade": false, "grade_id": "f4", "locked": false, "schema_version": 3, "solution": true, "task": false}
# Change the inputs of f4 to those of your own graph.
def f4(x, y):
    """Say here in one line what your function computes."""
    ### BEGIN SOLUTION
    # canary-047db8c2b7a8912d
    import math

    scaled = 3.0 * x
    wave = math.sin(scaled)
    bent = wave * y
    size = y**2
    lifted = size + 1.0
    ratio = bent / lifted
    output = math.exp(ratio)

    grad_ratio = output
    grad_bent = grad_ratio / lifted
    grad_lifted = -grad_ratio * bent / lifted**2
    grad_wave = grad_bent * y
    grad_scaled = grad_wave * math.cos(scaled)
    grad_x = 3.0 * grad_scaled
    grad_y = grad_bent * wave + grad_lifted * 2.0 * y
    return output, (grad_x, grad_y)
    ### END SOLUTION


# %% [markdown]
# This check reads your code and counts the operators that the output depends on. Gradients, unused lines and arithmetic on constants do not count.

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "54467463072fe0008716dac1c459d9d3", "grade": true, "grade_id": "f4-operators", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
from chainrule.backprop import checks as backprop

backprop.check_own_operators(f4)

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "f4ef5b94803ad0785fcdb1c14c543e65", "grade": true, "grade_id": "f4-backward", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
from chainrule.backprop import checks as backprop

backprop.check_own_backward(f4)

# %% [markdown] deletable=false editable=false nbgrader={"cell_type": "markdown", "checksum": "045d29bef9f5ce4623ffba294822026c", "grade": false, "grade_id": "f4-drawing", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": true}
# ## Task 5: your own graph, the drawing (5 points)
#
# Draw the graph of your `f4`, and put the picture into the cell below.
#
# - Every operator is a node; every value has a name.
# - Each value that is used twice goes through a copy operator.
# - Choose one input point. Write each forward value above its edge and each upstream gradient below it.
#
# A photograph of a drawing on paper is fine.
# So is a drawing made with `chainrule.graph`: the lesson *Computational graphs* shows how.
#

# %% [markdown]
# *Put your drawing here.*
#
# In JupyterLab: double-click this cell, then drag the image file into it.
# In Colab: double-click this cell, then use the image button of its toolbar.
# A file beside this notebook works too, if you hand it in: `![my graph](f4.png)`.

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
# **Signed:** a sample student

# %% [markdown]
# ## Summary
#
# - The forward pass has one line for each operator, the backward pass one line for each edge.
# - Downstream gradient = upstream gradient × local derivative.
# - The gradients of copies add.
# - Central differences check any gradient, and know nothing of calculus.
#
# **Hand in.** Restart the kernel and run all cells once more.
# Then run `chainrule pack backprop --student YOUR-ID` in a terminal, or `!chainrule pack backprop --student YOUR-ID` in a cell of its own.
# It looks through your work, says what is missing, and makes the zip file to hand in.
