# ---
# jupyter:
#   chainrule:
#     assignment: modules
#     files:
#     - iris_results.json
#     - iris_best.npz
#     notebook: iris
#     with:
#     - modules
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# **This is the Python backup of `iris.ipynb`**, for you who cannot run Jupyter.
#
# Edit it with any editor, and run it with `python iris.py`: it stops at the first task that is still open. `chainrule check iris.py` runs all checks and shows a table. Hand in this file in place of the notebook. Leave the lines that begin with `# %%` as they are: they mark the cells and carry their ids.

# %% [markdown]
# # Training on Iris
#
# You train the network that you wrote in `modules.ipynb` on a small, real data set.
# You try several learning rates and sizes of the hidden layer, choose the best, and test it once.
#
# When you are done, you can
#
# - run experiments so that each of them can be repeated;
# - read loss curves, and say what is wrong with a learning rate;
# - choose between models without touching the test set.
#
# **Time:** about two hours. Training one network takes a few seconds at most.
#
# **You need:** `modules.ipynb` beside this notebook, with all its code tasks done.

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
# ## The data
#
# The botanist Edgar Anderson measured 150 irises, and Ronald Fisher made the table famous in 1936.
# Each flower has four lengths in centimetres and belongs to one of three species.
# The table is split into 105 flowers for training, 15 for validation and 30 for testing.
# The numbers are used as they are, without normalising.

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "a5e141bbb258d14a2e8e1f48d77fb41b", "grade": false, "grade_id": "data", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from chainrule.data.iris import CLASSES, FEATURES
from chainrule.modules import iris_dataset

dataset = iris_dataset()
X, Y = dataset.part("train")
for name, column in zip(FEATURES, X.T):
    print(f"{name:18s} from {column.min():.1f} to {column.max():.1f}, mean {column.mean():.2f}")
print("the first label:", Y[0], "that is", CLASSES[np.argmax(Y[0])])

# %% [markdown]
# ## Your own layers
#
# `load_definitions` takes the functions and classes out of your other notebook.
# Nothing else of it runs: no checks, no plots.
# When it complains, save `modules.ipynb` and read what the message says about it.

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "d9f462edf950215c27121f8eaede3f27", "grade": false, "grade_id": "your-code", "locked": true, "schema_version": 3, "solution": false, "task": false}
from chainrule.runtime import is_grading
from chainrule.handin.student_code import load_definitions

if not is_grading():  # your marks come from the files that you hand in
    mine = load_definitions("modules", needs=["FullyConnected", "CrossEntropy", "NeuralNetwork"])

# %% [markdown]
# ## Task 1: runs, the best one, and its test error (4 points)
#
# ### Build a network
#
# Build a network with one hidden layer:
#
# - a fully-connected layer with `hidden_size` outputs and the activation `relu`;
# - a fully-connected layer with 3 outputs and the activation `softmax`;
# - the loss is your `CrossEntropy`, the optimizer `SGD(learning_rate, momentum=0.9)`.
#
# Your classes are attributes of `mine`, for example `mine.FullyConnected`.
# Give the two layers different seeds, made from `seed`.
# Then the same call gives the same network.

# %% deletable=false nbgrader={"cell_type": "code", "checksum": "ba7feb2ccb14fee57930b9e5eefdafa8", "grade": false, "grade_id": "build", "locked": false, "schema_version": 3, "solution": true, "task": false}
from chainrule.modules import SGD


def build_network(learning_rate, hidden_size, seed=0):
    """Return a new network with one hidden layer.

    Parameters
    ----------
    learning_rate : float
    hidden_size : int
        Number of outputs of the hidden layer.
    seed : int
        Seed of the weights.
    """
    # YOUR CODE HERE
    raise NotImplementedError("This task is still open: replace this line.")


# %% [markdown]
# ### Run experiments
#
# `run` trains one network.
# A logger writes its settings, one line for each epoch, the parameters and two plots into `experiments/`, in a folder with the name of the run.
# It never replaces an earlier run by itself.

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "4f0f04fe657c9f6bc6278d88b12be750", "grade": false, "grade_id": "run", "locked": true, "schema_version": 3, "solution": false, "task": false}
from chainrule.modules import Logger, make_run


def run(learning_rate, hidden_size, epochs=100, overwrite=False):
    """Train one network; return the run and the network."""
    name = f"iris-lr{learning_rate:g}-hidden{hidden_size}"
    settings = {
        "learning_rate": learning_rate,
        "hidden_size": hidden_size,
        "epochs": epochs,
        "batch_size": 25,
        "momentum": 0.9,
        "weight_init": "xavier_uniform",
    }
    logger = Logger(name, settings, overwrite=overwrite)
    network = build_network(learning_rate, hidden_size)
    history = network.train(iris_dataset(batch_size=25, seed=0), epochs, logger)
    logger.finish(network)
    return make_run(name, learning_rate, hidden_size, history), network


# %% [markdown]
# Choose your combinations.
# At least four of them differ, with at least two learning rates and at least two hidden sizes.
# Powers of ten are a good start for learning rates.
#
# When you run the cell again with the same combinations, set `OVERWRITE = True`: then the new runs replace the old ones.

# %% deletable=false nbgrader={"cell_type": "code", "checksum": "720444bc56df0b3762aea3e6a3638c23", "grade": false, "grade_id": "combinations", "locked": false, "schema_version": 3, "solution": true, "task": false}
EPOCHS = 100
OVERWRITE = False  # True replaces earlier runs of the same name

# Pairs of (learning rate, hidden size).
# YOUR CODE HERE
raise NotImplementedError("This task is still open: replace this line.")

if not is_grading():
    trained = [run(rate, size, EPOCHS, OVERWRITE) for rate, size in combinations]
    runs = [record for record, network in trained]
    networks = {record.name: network for record, network in trained}

# %%
from IPython.display import display

from chainrule.modules import figures

if not is_grading():
    display(figures.run_table(runs))

# %%
if not is_grading():
    display(figures.compare_runs(runs))

# %% [markdown]
# A loss of $\log 3$, which is about 1.10, is that of pure guessing: each species gets the probability one third.
# Does one of your runs end there?

# %% [markdown]
# ### The best one, and its test error
#
# Choose the run with the lowest validation loss after the last epoch.
# Call its name `best`, and its network `network`.
# Then run the network **once** on the test set: `network.test(dataset, "test")` returns the loss and the fraction of wrong flowers.
# Call that pair `test`.
#
# Why not choose by the test set?
# Because then the test error would describe your choice, and no longer flowers that nobody has seen.

# %% deletable=false nbgrader={"cell_type": "code", "checksum": "bb89d5c7012d6dad0dec6ad619a2289d", "grade": false, "grade_id": "best", "locked": false, "schema_version": 3, "solution": true, "task": false}
if not is_grading():
    # YOUR CODE HERE
    raise NotImplementedError("This task is still open: replace this line.")
    print(f"best: {best}, test loss {test[0]:.4f}, test error {100 * test[1]:.1f} %")

# %% [markdown]
# This cell writes the two files that you hand in with the notebooks: `iris_results.json` and `iris_best.npz`.
# The checks below read them.
# They train nothing.

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "6c39043428fcacdb5c60be2688017065", "grade": false, "grade_id": "save", "locked": true, "schema_version": 3, "solution": false, "task": false}
from chainrule.modules import save_results

if not is_grading():
    print(*save_results(runs, best, network, test), sep="\n")

# %% [markdown]
# The first check looks at the combinations (2 points), the second at the choice and the parameters (1 point), the third at the test error (1 point).
# The test error should be at most 10 %, which is three flowers of thirty.

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "095310b3f79df8ab9ef62e525ca2f84e", "grade": true, "grade_id": "iris-runs", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
from chainrule.modules import checks as modules

modules.check_runs()

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "5acd38707f4d81a4fce544284f33fa29", "grade": true, "grade_id": "iris-best", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
from chainrule.modules import checks as modules

modules.check_best()

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "1dcd59e8b6815df78fa0c4d623b565f6", "grade": true, "grade_id": "iris-test-error", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
from chainrule.modules import checks as modules

modules.check_test_error()

# %% [markdown] deletable=false editable=false nbgrader={"cell_type": "markdown", "checksum": "12692f670601c612727d4d0c573c1c65", "grade": false, "grade_id": "iris-report", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": true}
# ## Task 2: what you found (2 points)
#
# Write the report of your experiments into the cell below.
#
# - Which combination was best? Say with numbers of your table how the learning rate and the hidden size mattered.
# - Why was it best? Say what goes wrong with a learning rate that is too small, and with one that is too large, and show it in your curves.
# - What does the plot of the best one say: does it learn the training flowers better than the others?
# - The test error, as a percentage and as a number of flowers.
#
# The next cell shows the plot of the best one.
#

# %%
from chainrule.modules import read_run

if not is_grading():
    settings, history = read_run(f"experiments/{best}")
    display(figures.loss_curves(history, best))

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
# - Change one thing at a time, and keep a record of every run.
# - Choose by the validation set. Use the test set once.
# - A learning rate that is too small wastes time; one that is too large never settles.
#
# **Hand in** `modules.ipynb`, `iris.ipynb`, `iris_results.json` and `iris_best.npz`.
# Run `chainrule pack modules --student YOUR-ID` in a terminal.
# It looks through your work, says what is missing, and makes the zip file to hand in.
