# ---
# jupyter:
#   chainrule:
#     assignment: pretrained
#     files:
#     - img1.jpg
#     - img2.jpg
#     - img1_predictions.png
#     - img2_predictions.png
#     - predictions.json
#     notebook: pretrained
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# **This is the Python backup of `pretrained.ipynb`**, for you who cannot run Jupyter.
#
# Edit it with any editor, and run it with `python pretrained.py`: it stops at the first task that is still open. `chainrule check pretrained.py` runs all checks and shows a table. Hand in this file in place of the notebook. Leave the lines that begin with `# %%` as they are: they mark the cells and carry their ids.

# %% [markdown]
# # Exploring a pretrained network
#
# Somebody else has trained a network on more than a million photographs.
# You give it photographs of your own, and find out what it knows and what it does not.
#
# When you are done, you can
#
# - load a pretrained network and run it, frozen and in evaluation mode;
# - prepare any photograph as the network expects it;
# - turn scores into probabilities, and read them with caution;
# - show which parts of a photograph a prediction rests on.
#
# **Time:** about two hours.
#
# **You need:** PyTorch tensors and modules, and two photographs of your own.
#
# **Before you start:** the lesson *Inside a pretrained network* shows the same network at work.

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
# ## The network
#
# EfficientNet-Lite0 is small: 4.65 million parameters, 18 MB.
# It was trained on ImageNet, where every photograph belongs to one of 1,000 classes.
# Its weights come as a Python package, so nothing is downloaded while you work.
# Where it is missing, the next cell says what to install.

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "c8ac2120c3ca805f0a62e153e93f4251", "grade": false, "grade_id": "network", "locked": true, "schema_version": 3, "solution": false, "task": false}
import torch

from chainrule.pretrained import load_network, open_photo, photo

network = load_network()
network

# %% [markdown]
# `network.model` is the PyTorch module.
# `network.idx2label` goes from the number of a class to its name.

# %%
print(network.idx2label[985])
network.idx2label.search("cat")

# %% [markdown]
# Search for things that you might photograph.
# ImageNet knows more than a hundred breeds of dogs, and no *person*.

# %% [markdown]
# ## Three things to know before you run it
#
# **Frozen.** Nothing is trained here, so the parameters need no gradients. `load_network` has switched them off.
#
# **Evaluation mode.** In training mode dropout switches channels off at random, and batch normalisation takes its averages from the minibatch at hand.
# Then the same photograph gets another answer every time.
# Worse, every forward pass in training mode changes the stored averages, and so the network itself.
# `load_network` has switched to evaluation mode.
# It stays a good habit to do it once more where it matters.
#
# **Scores.** `network.model` gives one score for each class: any number, positive or negative.

# %%
print("in training mode:", network.model.training)
learning = [p for p in network.model.parameters() if p.requires_grad]
print("parameters with gradients:", len(learning))
empty = torch.zeros(1, 3, 224, 224)
print("scores of an empty image:", network.model(empty)[0, :4])


# %% [markdown]
# ## Task 1: probabilities (2 points)
#
# Write `predict(batch)`.
#
# - `batch`: a tensor of shape $(N, 3, 224, 224)$, images that are prepared already.
# - **Returns:** a tensor of shape $(N, 1000)$: the probability of each class. Each row sums to 1.
#
# The network is the one that you loaded above, in evaluation mode.

# %% deletable=false nbgrader={"cell_type": "code", "checksum": "fad127401520a100a5a92dadfe2bf9ad", "grade": false, "grade_id": "predict", "locked": false, "schema_version": 3, "solution": true, "task": false}
def predict(batch):
    # probabilities of all classes for a minibatch of prepared images
    # YOUR CODE HERE
    raise NotImplementedError("This task is still open: replace this line.")


# %% deletable=false editable=false fairmark={"seconds": 60} nbgrader={"cell_type": "code", "checksum": "74f8f59ccbeea39c5151f98c7b26e3de", "grade": true, "grade_id": "predict-batch", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
from chainrule.pretrained import checks

checks.check_predict(predict)

# %% [markdown]
# ## How a photograph is prepared
#
# The network was trained on squares of 224 by 224 pixels.
# A photograph is wider or higher than that.
#
# - **Resize** it, so that its short side has 256 pixels. The proportions stay.
# - **Crop** the square of 224 pixels in its centre.
# - **Normalise**: this network expects `(x - 127) / 128`, for values from 0 to 255. Other networks expect other numbers.
#
# Squashing the photograph into a square is easier, and wrong.
# The network has never seen narrow temples.

# %% tags=["figure"]
from chainrule.pretrained import figures

figures.squash_and_crop()

# %% [markdown]
# Files hold surprises, too.
# A PNG can be partly transparent, and then it has four channels.
# A grey image has one.
# A telephone that was held upright often stores the image on its side, with a note in the file (EXIF) how to turn it.
# Some grey images use 16 bits for each pixel.
#
# `open_photo` gives an upright image in red, green and blue in all these cases.
# `network.preprocess` takes such an image, or the name of a file, and returns a prepared tensor of shape $(3, 224, 224)$.
# `network.deprocess` turns a prepared tensor into a picture that you can look at.

# %%
from chainrule.pretrained import PHOTOS

for name, what in PHOTOS.items():
    print(f"{name:10} {what}")
prepared = network.preprocess(open_photo(photo("cat")))
print(tuple(prepared.shape), f"from {prepared.min():.3f} to {prepared.max():.3f}")
network.deprocess(prepared)


# %% [markdown]
# ## Task 2: the five most probable classes (4 points)
#
# Write `classify(file)`.
#
# - `file`: the name of an image file.
# - **Returns:** a list of five pairs `(class number, probability)`, the most probable class first.
#
# Use your `predict`.
# You may use `network.preprocess`, or prepare the image in a way of your own.

# %% deletable=false nbgrader={"cell_type": "code", "checksum": "81e1fd9579bc67ca05c32613461cffd2", "grade": false, "grade_id": "classify", "locked": false, "schema_version": 3, "solution": true, "task": false}
def classify(file):
    # the five most probable classes of a photograph, with their probabilities
    # YOUR CODE HERE
    raise NotImplementedError("This task is still open: replace this line.")


# %% [markdown]
# <details>
# <summary>A hint for the shapes</summary>
#
# `predict` wants a minibatch, and one image is a minibatch of one.
# `tensor.unsqueeze(0)` puts an axis of length 1 in front.
# </details>
#
# <details>
# <summary>A hint for the best five</summary>
#
# Look up `torch.topk`.
# It gives values and positions.
# </details>

# %% deletable=false editable=false fairmark={"seconds": 60} nbgrader={"cell_type": "code", "checksum": "d5b59b1ec497596f37736d6a81cf9ec7", "grade": true, "grade_id": "classify-photos", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
from chainrule.pretrained import checks

checks.check_classify(classify)

# %% [markdown]
# The next check takes files that make trouble.

# %% deletable=false editable=false fairmark={"seconds": 60} nbgrader={"cell_type": "code", "checksum": "60d81491276af3d040bfc887ba348385", "grade": true, "grade_id": "classify-formats", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
from chainrule.pretrained import checks

checks.check_formats(classify)

# %% [markdown]
# Now look at a few predictions.
# The frame in the photograph is the part that the network gets to see.

# %%
from chainrule.runtime import is_grading

if not is_grading():
    for name in ("china", "clock"):
        best = classify(photo(name))
        display(figures.top_classes(photo(name), best, network.idx2label))

# %% [markdown]
# ## Your own photographs
#
# Find two photographs.
#
# - **img1**: the first prediction describes what is on it.
# - **img2**: the first prediction does not.
#
# Take photographs of your own.
# If you use somebody else's, it must be one that you may use, and you name its source.
# Photographs of other people need their consent.
#
# There are three ways to bring a photograph here.
# Press the button below, drop the file into the file browser on the left, or give a path to `keep_photo`.
# The copy is at most 1,024 pixels long, upright, and without the place and time that a telephone writes into it.

# %%
from chainrule.pretrained import choose_photo, keep_photo

choose_photo("img1.jpg")
choose_photo("img2.jpg")
# keep_photo("holidays/DSC_0815.JPG", "img1.jpg")

# %% [markdown]
# The next cell chooses the network for your photographs.
# EfficientNet-Lite0 is a good choice, and works offline.
# Any classifier of torchvision works too, for example `resnet18` or `mobilenet_v3_small`.
# Its weights are downloaded once.

# %%
CHOSEN = "efficientnet_lite0"

if not is_grading() and CHOSEN != network.name:
    network = load_network(CHOSEN)

# %% [markdown]
# ## Task 3: what it knows, and what it does not (4 points)
#
# Give the names of your two files.
# `class1` is the number of the class that names what is on `img1`.
# `class2` is the number of the class that names what is on `img2`, or `None` if ImageNet has no class for it.

# %% deletable=false nbgrader={"cell_type": "code", "checksum": "668d1ae8446d2a45a2bc8d6d4df029a1", "grade": false, "grade_id": "images", "locked": false, "schema_version": 3, "solution": true, "task": false}
img1, class1 = "img1.jpg", None
img2, class2 = "img2.jpg", None
# YOUR CODE HERE
raise NotImplementedError("This task is still open: replace this line.")

# %% [markdown]
# This cell draws both photographs with their predictions, into `img1_predictions.png` and `img2_predictions.png`.
# It also writes `predictions.json`.
# You hand in these three files with the two photographs.

# %% deletable=false editable=false nbgrader={"cell_type": "code", "checksum": "b88c98ef0aca1d4bcd4529f13ba4d490", "grade": false, "grade_id": "save", "locked": true, "schema_version": 3, "solution": false, "task": false}
from chainrule.runtime import is_grading
from chainrule.pretrained import figures
from chainrule.pretrained import save_predictions

if not is_grading():
    top1, top2 = classify(img1), classify(img2)
    names = network.idx2label
    display(figures.top_classes(img1, top1, names, "img1_predictions.png", img1))
    display(figures.top_classes(img2, top2, names, "img2_predictions.png", img2))
    save_predictions(network.name, {img1: top1, img2: top2})

# %% deletable=false editable=false fairmark={"seconds": 60} nbgrader={"cell_type": "code", "checksum": "d7b02696e0eedf7558d3a94fe113bb96", "grade": true, "grade_id": "images-img1", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
from chainrule.pretrained import checks

checks.check_img1(img1, class1)

# %% deletable=false editable=false fairmark={"seconds": 60} nbgrader={"cell_type": "code", "checksum": "f7d9438cf4dc8c472c715586106db853", "grade": true, "grade_id": "images-img2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
from chainrule.pretrained import checks

checks.check_img2(img2, class2, img1)

# %% [markdown]
# ### Look closer
#
# Why does the network say what it says?
# The cells below show four ways to ask.
# Try them on `img2`.
# They help you with the report.

# %%
from chainrule.pretrained import explore

if not is_grading():
    display(figures.filters(explore.first_filters(network)))

# %% [markdown]
# These are the filters of the first convolution.
# Filters that go from light to dark answer to edges, blobs of one colour answer to that colour.

# %%
looked_at = photo("flower")  # put img2 here
number = 985  # and the class that you ask about

if not is_grading():
    seen = network.crop(looked_at)
    slopes = explore.saliency(network, looked_at, number)
    display(figures.heat_map(seen, slopes, "saliency", "gradient"))

# %% [markdown]
# **Saliency** is a gradient: how fast the score of a class changes with each pixel.
# You know how it is computed, from the assignments before this one.

# %%
if not is_grading():
    chances = explore.occlusion(network, looked_at, number, patch=48, stride=24)
    title = "a square covers this place"
    display(figures.heat_map(seen, chances, title, "probability", patch=48, stride=24))

# %% [markdown]
# **Occlusion** needs no gradient.
# A grey square covers one place after another.
# Where the probability falls, something important was covered.

# %%
if not is_grading():
    parts = [1.0, 0.9, 0.8, 0.7, 0.6, 0.5]
    images = [explore.zoomed(looked_at, part) for part in parts]
    found = explore.chances_of(network, images, number)
    name, kept = network.idx2label[number], "part of width and height kept"
    display(figures.chance_curve(parts, found, name, kept))


# %% [markdown]
# **How sure is it when it is wrong?**
# Compare the first probability of `img1` with that of `img2`.
# A probability of 90 % does not mean that nine of ten such photographs are right: nobody has checked that for photographs like yours.
# The network has to choose one of its 1,000 classes, even for a thing that it has never seen.

# %% [markdown] deletable=false editable=false nbgrader={"cell_type": "markdown", "checksum": "75d01e7580c94342fe0f0b4343c14936", "grade": false, "grade_id": "images-report", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": true}
# ### Report on your photographs (2 points)
#
# Show both figures in the cell below, with a sentence or two for each.
#
# - **img1:** what is on it, and what you think the network recognises it by.
# - **img2:** what is on it, what the network says instead and how sure it is, and what you think is the reason. Use at least one of the ways to look closer.
#

# %% [markdown]
# *Put the two figures in place of this line. Type* `![img1 with its predictions](img1_predictions.png)` *and* `![img2 with its predictions](img2_predictions.png)`*, and keep the files beside this notebook.*
#
# - **img1:**
# - **img2:**
# - **Where the photographs come from:**

# %% [markdown]
# ## Optional: a turned photograph (0 points)
#
# Write `turned(file, number, angles)`.
#
# - `file`: the name of an image file; `number`: a class; `angles`: a list of angles in degrees.
# - **Returns:** a list with the probability of that class, one for each angle.
#
# `open_photo(file).rotate(angle)` turns an image.

# %% deletable=false nbgrader={"cell_type": "code", "checksum": "1ebfda3aff7698d943efe1c99536258f", "grade": false, "grade_id": "turned", "locked": false, "schema_version": 3, "solution": true, "task": false} tags=["optional"]
def turned(file, number, angles):
    # the probability of one class while a photograph is turned
    # YOUR CODE HERE
    raise NotImplementedError("This task is still open: replace this line.")


# %% deletable=false editable=false fairmark={"seconds": 60} nbgrader={"cell_type": "code", "checksum": "307f062e947144fa03817928c6a28332", "grade": true, "grade_id": "turned-angles", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
from chainrule.pretrained import checks

checks.check_turned(turned)

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
# - A pretrained network is run frozen and in evaluation mode.
# - Its images are prepared exactly as they were when it was trained.
# - Softmax turns scores into probabilities, and a network can be very sure and wrong.
# - Saliency and occlusion show where a prediction comes from.
#
# **Hand in** `pretrained.ipynb`, `img1.jpg`, `img2.jpg`, `img1_predictions.png`, `img2_predictions.png` and `predictions.json`.
# Run `chainrule pack pretrained --student YOUR-ID` in a terminal.
# It looks through your work, says what is missing, and makes the zip file to hand in.
