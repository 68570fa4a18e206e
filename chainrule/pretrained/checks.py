"""Checks of the assignment `pretrained`: probabilities, photographs, what is handed in.

The checks run EfficientNet-Lite0 themselves, with images that they prepare themselves.
When an answer disagrees, the usual slips (a squashed image, another normalisation,
scores in place of probabilities and so on) are tried, and the one that reproduces the
answer's numbers is named.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NoReturn

import numpy as np
from PIL import Image

from chainrule.checks.core import CheckFailed, as_float, describe, fail, passed
from chainrule.pretrained.handin import HandInError, read_predictions
from chainrule.pretrained.labels import imagenet_names
from chainrule.pretrained.network import (
    LITE0,
    Network,
    WeightsUnavailable,
    keep_network,
    load_network,
)
from chainrule.pretrained.photos import (
    PHOTOS,
    PhotoError,
    is_from_the_package,
    open_photo,
    photo,
    resize_and_crop,
)

#: Another processor or a GPU gives slightly other numbers.
TOLERANCE = 5e-3
#: Probabilities this near to those of one good way to resize are right, too.
SAME_PHOTO = 0.1
#: An answer that is this near to a slip's numbers has that slip.
SAME_SLIP = 0.02

#: What `check_predict` begins with.
SEED, NAMES = 442, ("cat", "rocket")
#: Photographs that `check_turned` turns.
TURNED = ("cat", "cameraman")

FORMATS = {
    "transparent": ("transparent.png", "a PNG with transparent pixels (RGBA)"),
    "grey": ("grey.png", "a grey image (one channel)"),
    "palette": ("palette.png", "a PNG with a palette"),
    "lying": ("lying.jpg", "a photograph on its side, with an EXIF note how to turn it"),
    "grey16": ("grey16.png", "a grey image with 16 bits a pixel"),
    "lying-left": ("lying-left.jpg", "a photograph on its other side, with an EXIF note"),
    "grey-transparent": ("grey-transparent.png", "a grey image with transparency"),
}

# What a student's function may raise on an image that it does not expect.
_ERRORS = (
    RuntimeError, ValueError, TypeError, IndexError, KeyError, AttributeError, OSError,
)  # fmt: skip


@functools.cache
def _network() -> Network:
    """Return a network of the check's own, which no answer can have changed."""
    return load_network()


def open_ahead() -> None:
    """Load the network, and judge the course's own images, once for all that is forked.

    What it finds is public: the images and the network are the students' too. Where the
    network is not installed nothing is done, and each check says so.
    """
    try:
        keep_network()
    except WeightsUnavailable:
        return
    _batch(SEED, NAMES)
    for path in (*(photo(name) for name in PHOTOS), *map(format_file, FORMATS)):
        _expected(path)
    for name in TURNED:
        _upright(name)


def _scores(prepared) -> np.ndarray:
    """Run the check's network on prepared images, (N, 3, 224, 224)."""
    import torch

    with torch.inference_mode():
        return _network().model(torch.as_tensor(prepared)).double().numpy()


def _chances(scores: np.ndarray) -> np.ndarray:
    """Turn scores, (N, C), into probabilities; float64."""
    shifted = scores - scores.max(axis=1, keepdims=True)
    return np.exp(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))


def _prepared(images: Sequence[Image.Image]) -> np.ndarray:
    return np.stack([_network().normalise(image).numpy() for image in images])


def format_file(name: str) -> Path:
    """Return the file of one of `FORMATS`."""
    return photo("cat").parent / "formats" / FORMATS[name][0]


# --- predict --------------------------------------------------------------------------------


def check_predict(predict: Callable, seed: int = SEED, names: Sequence[str] = NAMES) -> None:
    """Check the probabilities for a minibatch of prepared images.

    Parameters
    ----------
    predict : callable
        From images, (N, 3, 224, 224), to probabilities, (N, 1000).
    seed : int
        Which parts of the photographs are cut out.
    names : sequence of str
        The photographs.

    Raises
    ------
    CheckFailed
        With what is probably wrong.
    WeightsUnavailable
        If the network is not installed on this machine.
    """
    import torch

    given, scores = _batch(seed, tuple(names))
    batch = torch.from_numpy(given.copy())
    kept = batch.clone()
    yours = _table(_run(predict, batch), given.shape[0])
    if not torch.equal(batch, kept):
        fail("predict changes the images that it is given. Work on a copy.")
    alone = _table(_run(predict, batch[:1]), 1)
    again = _table(_run(predict, batch[:1]), 1)
    # In training mode the answers are often faint, so the difference is taken relatively.
    if np.abs(alone - again).max() > 0.02 * np.abs(alone).max():
        fail(
            "predict gives two different answers for the same images. In training mode dropout "
            "draws anew in every call. Put the network into evaluation mode. Training mode has "
            "also changed its running averages: run the cell that loads it again."
        )
    expected = _chances(scores)
    if np.abs(yours - expected).max() > TOLERANCE:
        _explain_table(yours, scores, expected)
    if np.abs(alone[0] - yours[0]).max() > TOLERANCE:
        fail(
            "The first image gets other probabilities when it comes alone than in a minibatch. "
            "Each image is judged by itself."
        )
    passed(f"probabilities for a minibatch of {len(yours)}, and for one image")


@functools.lru_cache(maxsize=8)
def _batch(seed: int, names: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return a prepared minibatch and its scores."""
    given = _prepared(_cuttings(np.random.default_rng(seed), names))
    return given, _scores(given)


def _run(function: Callable, *arguments):
    try:
        return function(*arguments)
    except NotImplementedError:
        fail("This task is not written yet: replace `raise NotImplementedError` by your own lines.")


def _cuttings(random: np.random.Generator, names: Sequence[str]) -> list[Image.Image]:
    """Cut two squares out of each photograph, at random places."""
    images = []
    for name in names:
        image = open_photo(photo(name))
        for _ in range(2):
            side = int(random.integers(224, min(image.size) + 1))
            left = int(random.integers(0, image.width - side + 1))
            top = int(random.integers(0, image.height - side + 1))
            square = image.crop((left, top, left + side, top + side))
            images.append(square.resize((224, 224), Image.Resampling.BICUBIC))
    return images


def _table(value, count: int) -> np.ndarray:
    """Turn what `predict` returned into an ndarray, (count, 1000)."""
    if value is None:
        fail("predict returned None. Is there a return at its end?")
    if hasattr(value, "detach"):  # a tensor, which may still know how it was computed
        value = value.detach().cpu()
        value = value.float().numpy() if value.dtype.is_floating_point else value.numpy()
    array = np.asarray(value)
    if array.dtype.kind not in "fiu":
        fail(f"predict returned {describe(value)}; numbers of shape ({count}, 1000) are expected.")
    if array.shape != (count, 1000):
        _explain_shape(array, count)
    array = array.astype(np.float64)
    if np.isnan(array).any():
        fail(
            "predict returned NaN (not a number). exp of a large score is infinite, and infinity "
            "divided by infinity is NaN. PyTorch's own softmax takes care of it."
        )
    return array


def _explain_shape(array: np.ndarray, count: int) -> NoReturn:
    text = f"predict returned shape {array.shape}; ({count}, 1000) is expected: a row an image."
    if array.shape == (1000,):
        text += " The axis of the minibatch is lost: keep it for one image, too."
    elif array.shape == (1000, count):
        text += " It is transposed."
    elif array.shape in ((count,), (count, 1)):
        text += " These are the best classes or their values; all 1,000 probabilities are wanted."
    elif array.shape == (count, 5):
        text += " Choosing the best five is the task after this one."
    fail(text)


def _explain_table(yours: np.ndarray, scores: np.ndarray, expected: np.ndarray) -> NoReturn:
    for wrong, sentence in _wrong_tables(scores, expected):
        if np.abs(yours - wrong).max() <= max(TOLERANCE, 1e-3 * np.abs(wrong).max()):
            fail(sentence)
    sums = yours.sum(axis=1)
    if yours.min() < 0 or not np.allclose(sums, 1.0, atol=1e-2):
        fail(
            f"A row of predict runs from {yours[0].min():.3g} to {yours[0].max():.3g} and its sum "
            f"is {sums[0]:.4g}. Probabilities lie between 0 and 1, and those of one image sum to 1."
        )
    row = int(np.abs(yours - expected).max(axis=1).argmax())
    best = int(expected[row].argmax())
    fail(
        f"Image {row} gets the probability {yours[row, best]:.3f} for class {best}; "
        f"{expected[row, best]:.3f} is expected. Has the network been changed? Run the cell that "
        "loads it again. Is it in evaluation mode? The images come prepared: do not normalise "
        "them again."
    )


def _wrong_tables(scores, expected) -> Iterator[tuple[np.ndarray, str]]:
    yield (
        scores,
        "predict returns the scores as the network gives them. They can be negative, and their "
        "sum is not 1. Turn them into probabilities.",
    )
    yield (
        np.log(expected),
        "predict returns logarithms of probabilities. Which function gives the probabilities?",
    )
    yield (
        _chances(scores.T).T,
        "Each column sums to 1, not each row: the images compete with each other. Which axis "
        "holds the classes?",
    )
    yield (
        1.0 / (1.0 + np.exp(-scores)),
        "Each class has been judged by itself (a sigmoid), so that a row does not sum to 1. "
        "An image has one class here: the classes compete.",
    )
    yield (
        _chances(expected),
        "Probabilities were turned into probabilities once more: all of them are nearly 0.001.",
    )
    yield 100.0 * expected, "These are percentages. Probabilities lie between 0 and 1."


# --- classify -------------------------------------------------------------------------------

Top = list[tuple[int, float]]


def check_classify(classify: Callable, names: Sequence[str] = ("china", "cat", "clock")) -> None:
    """Check the five most probable classes of photographs of the package.

    Raises
    ------
    CheckFailed
        With what is probably wrong.
    WeightsUnavailable
        If the network is not installed on this machine.
    """
    _network()  # where it is missing, say so before the answer fails for that reason
    for name in names:
        _check_photo(classify, photo(name), f"the photograph {name}.jpg")
    passed(f"the five most probable classes of {len(names)} photographs")


def check_formats(
    classify: Callable, names: Sequence[str] = ("transparent", "grey", "palette", "lying")
) -> None:
    """Check photographs in formats that make trouble.

    Raises
    ------
    CheckFailed
        With the kind of file that the answer does not cope with.
    WeightsUnavailable
        If the network is not installed on this machine.
    """
    _network()
    for name in names:
        _check_photo(classify, format_file(name), FORMATS[name][1])
    passed(f"{len(names)} kinds of image files")


def _check_photo(classify: Callable, path: Path, what: str) -> None:
    try:
        returned = _run(classify, str(path))
    except CheckFailed:
        raise
    except _ERRORS as error:
        fail(
            f"classify stops at {what}: {type(error).__name__}: {error}. "
            "open_photo gives an upright image in red, green and blue, whatever is in the file."
        )
    top = _five(returned, what)
    expected = _expected(path)
    if _far(top, expected) > SAME_PHOTO:
        if min(_far(top, row) for row in _other_expected(path)) > SAME_PHOTO:
            _explain_top(classify, path, what, top, expected)
    if np.any(np.diff([chance for _, chance in top]) > 1e-6):
        fail(f"The five of {what} are not in order, the most probable first: {_listed(top)}.")


@functools.lru_cache(maxsize=32)
def _expected(path: Path) -> np.ndarray:
    """Return the probabilities, (1000,), of a file prepared as the course does it."""
    return _chances(_scores(_prepared(_good_crops(open_photo(path))[:1])))[0]


@functools.lru_cache(maxsize=32)
def _other_expected(path: Path) -> np.ndarray:
    """Return the probabilities, (n, 1000), of a file prepared in other good ways."""
    return _chances(_scores(_prepared(_good_crops(open_photo(path))[1:])))


@functools.lru_cache(maxsize=32)
def _slipped(path: Path) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return the probabilities of a file prepared in wrong ways, and their sentences."""
    images, sentences = zip(*_slips(path), strict=True)
    return _chances(_scores(np.stack(images))), sentences


def _far(top: Top, expected: np.ndarray) -> float:
    """Say how far five pairs are from the five most probable classes."""
    numbers, chances = _columns(top)
    given = np.full(len(expected), chances.min())  # the others have this much at most
    given[numbers] = chances
    left_out = np.setdiff1d(np.argsort(-expected)[:5], numbers)
    over = (expected[left_out] - given[left_out]).max(initial=0.0)
    return float(max(np.abs(given[numbers] - expected[numbers]).max(), over))


def _columns(top: Top) -> tuple[np.ndarray, np.ndarray]:
    return np.array([n for n, _ in top]), np.array([c for _, c in top])


def _five(returned, what: str) -> Top:
    """Turn what `classify` returned into five pairs."""
    if returned is None:
        fail("classify returned None. Is there a return at its end?")
    if not isinstance(returned, (list, tuple)) or len(returned) != 5:
        fail(
            f"classify returned {describe(returned)} for {what}; a list of five pairs "
            "(class number, probability) is expected."
        )
    top = []
    for place, pair in enumerate(returned, start=1):
        if not isinstance(pair, (list, tuple)) or len(pair) != 2:
            fail(
                f"Entry {place} of classify is {describe(pair)}; a pair (class number, "
                "probability) is expected."
            )
        top.append(_pair(pair, place))
    numbers = [number for number, _ in top]
    if len(set(numbers)) != 5:
        fail(f"A class is there twice: {numbers}. Five different classes are expected.")
    return top


def _pair(pair, place: int) -> tuple[int, float]:
    if isinstance(pair[0], str):
        fail(
            f"Entry {place} of classify holds the name {pair[0]!r}; the number of the class is "
            "expected. idx2label gives the name later."
        )
    number = as_float(pair[0], f"the class number in entry {place}")
    chance = as_float(pair[1], f"the probability in entry {place}")
    if not number.is_integer():
        hint = " Are the two swapped?" if chance.is_integer() else ""
        fail(f"The class number in entry {place} is {number:.4g}, not a whole number.{hint}")
    if not 0 <= number < 1000:
        fail(f"The class number in entry {place} is {number:.0f}; classes run from 0 to 999.")
    if not -1e-6 <= chance <= 1 + 1e-6:
        hint = "a percentage, or a score as the network gives it" if chance > 0 else "a score"
        fail(
            f"The probability in entry {place} is {chance:.4g}. It lies between 0 and 1; is this "
            f"{hint}?"
        )
    return int(number), chance


_R = Image.Resampling


def _good_crops(image: Image.Image) -> list[Image.Image]:
    """Prepare an image in the ways that are all good; the course's own is the first."""
    ways = (
        (256, _R.BICUBIC), (256, _R.BILINEAR), (256, _R.LANCZOS),
        (224, _R.BICUBIC), (224, _R.BILINEAR), (232, _R.BILINEAR), (240, _R.BICUBIC),
    )  # fmt: skip
    return [resize_and_crop(image, 224, resize, way) for resize, way in ways]


def _explain_top(classify, path: Path, what: str, top: Top, expected: np.ndarray) -> NoReturn:
    numbers, chances = _columns(top)
    again, later = _columns(_five(_run(classify, str(path)), what))
    if again.tolist() != numbers.tolist() or np.abs(later - chances).max() > SAME_SLIP:
        fail(
            f"classify gives two different answers for {what}. In training mode dropout draws "
            "anew in every call. Put the network into evaluation mode, and run the cell that "
            "loads it again: training mode has changed its running averages."
        )
    if chances.max() < 1e-3:  # the mean of 1,000 probabilities
        fail(
            f"All five probabilities of {what} are below 0.001: {_listed(top)}. The most probable "
            "classes are wanted; are these the least probable ones?"
        )
    for shift in (1, -1):
        moved = numbers - shift
        if np.all((0 <= moved) & (moved < 1000)):
            near = np.abs(expected[moved] - chances).max() <= SAME_SLIP
            if near and chances[0] > 5 * SAME_SLIP:
                fail(
                    f"All class numbers of {what} are 1 too {'large' if shift > 0 else 'small'}. "
                    "Classes are counted from 0."
                )
    if abs(chances.sum() - 1.0) < 1e-3 and expected[numbers].sum() < 1.0 - SAME_SLIP:
        fail(
            f"The five probabilities of {what} sum to 1. All 1,000 of them should; the best five "
            "are chosen afterwards."
        )
    for row, sentence in zip(*_slipped(path), strict=True):
        if _far(top, row) <= SAME_SLIP:
            fail(f"The answer for {what} is wrong. {sentence}")
    if np.abs(expected[numbers] - chances).max() <= SAME_SLIP:
        fail(
            f"The probabilities of {what} belong to their classes, and others are more probable: "
            f"{_listed(top)}. The five most probable ones are wanted, the most probable first."
        )
    best = int(expected.argmax())
    fail(
        f"classify says {_listed(top)} for {what}; class {best} with {expected[best]:.2f} is "
        "expected first. Show the image that goes into the network: network.deprocess turns it "
        "back into a picture."
    )


def _slips(path: Path) -> Iterator[tuple[np.ndarray, str]]:
    """Prepare a file in ways that are wrong, each with its sentence."""
    image = open_photo(path)
    for way in (_R.BICUBIC, _R.BILINEAR, _R.NEAREST, _R.LANCZOS):
        yield (
            _prepared([image.resize((224, 224), way)])[0],
            "The image is squashed into a square. Keep its proportions: resize the short side, "
            "then cut out the centre.",
        )
    stored = Image.open(path)
    for turned in _careless(stored):
        yield (
            _prepared([resize_and_crop(turned)])[0],
            "The image is not as a person sees it. Mind the camera's note how to turn it (EXIF), "
            "and the range of the values: open_photo takes care of both.",
        )
    corner = image.resize([round(s * 256 / min(image.size)) for s in image.size], _R.BICUBIC)
    yield (
        _prepared([corner.crop((0, 0, 224, 224))])[0],
        "The upper left corner was cut out, not the centre.",
    )
    yield from _normalised(np.asarray(resize_and_crop(image), np.float32).transpose(2, 0, 1))


def _careless(stored: Image.Image) -> list[Image.Image]:
    """Return the image as it is stored: not turned, or with values cut off."""
    kinds = [stored.convert("RGB")]
    if stored.getexif().get(0x0112, 1) != 1:
        kinds.append(stored.convert("RGB").transpose(Image.Transpose.ROTATE_180))
    return kinds


def _normalised(pixels: np.ndarray) -> Iterator[tuple[np.ndarray, str]]:
    """Normalise pixels, 0 to 255, in ways that this network does not know."""
    mean = np.array([0.485, 0.456, 0.406], np.float32).reshape(3, 1, 1)
    std = np.array([0.229, 0.224, 0.225], np.float32).reshape(3, 1, 1)
    sentence = (
        "The values of the image are not normalised as this network was trained. Every network "
        "has its own normalisation: network.normalise knows it."
    )
    yield pixels / 255.0, f"{sentence} Yours run from 0 to 1."
    yield pixels, f"{sentence} Yours run from 0 to 255."
    yield (pixels / 255.0 - mean) / std, f"{sentence} Yours is that of torchvision's networks."
    right = (pixels - 127.0) / 128.0
    yield (right / 255.0), f"{sentence} Yours are too small: divided by 255 once too often?"
    yield (
        np.ascontiguousarray(right[::-1]),
        "Red and blue are exchanged. Pillow gives red, green, blue.",
    )
    yield (
        np.ascontiguousarray(right.transpose(0, 2, 1)),
        "Rows and columns are exchanged. The order is colour, height, width.",
    )


def _listed(top: Top) -> str:
    return ", ".join(f"{number} ({chance:.2f})" for number, chance in top)


# --- what is handed in ----------------------------------------------------------------------


def check_img1(img1: str, class1: int) -> None:
    """Check the photograph whose first prediction describes what is on it.

    Parameters
    ----------
    img1 : str
        Name of the file, beside the notebook.
    class1 : int
        The class that names what is on it.

    Raises
    ------
    CheckFailed
        With what is missing or does not fit.
    WeightsUnavailable
        If the network is not installed on this machine.
    """
    top = _handed_in(img1, "img1")
    number = _class_number(class1, "class1")
    near = [n for n, chance in top if chance >= top[0][1] - SAME_SLIP]
    if number not in near:
        fail(
            f"The first prediction for {img1} is {_named(*top[0])}, and class1 says {number}. "
            "img1 is a photograph whose first prediction describes what is on it: choose another "
            "photograph, or look the class up once more with idx2label.search."
        )
    passed(f"{img1}: the first prediction, {_named(*top[0])}, describes it")


def check_img2(img2: str, class2: int | None, img1: str | None = None) -> None:
    """Check the photograph whose first prediction does not describe what is on it.

    Parameters
    ----------
    img2 : str
        Name of the file, beside the notebook.
    class2 : int or None
        The class that names what is on it; None if ImageNet has none.
    img1 : str, optional
        The other photograph, which has to be another one.

    Raises
    ------
    CheckFailed
        With what is missing or does not fit.
    WeightsUnavailable
        If the network is not installed on this machine.
    """
    top = _handed_in(img2, "img2")
    if isinstance(img1, str) and Path(img1).is_file():
        if Path(img1).read_bytes() == Path(img2).read_bytes():
            fail("img1 and img2 are the same photograph. Two different ones are wanted.")
    if class2 is not None:
        number = _class_number(class2, "class2")
        if number == top[0][0]:
            fail(
                f"The first prediction for {img2} is {_named(*top[0])}, and class2 says that this "
                "is what is on it. img2 is a photograph whose first prediction is wrong."
            )
    passed(f"{img2}: the first prediction, {_named(*top[0])}, is not what is on it")


def _named(number: int, chance: float) -> str:
    return f"{number} {imagenet_names()[number]} ({100 * chance:.0f} %)"


def _class_number(value, what: str) -> int:
    if isinstance(value, str):
        fail(
            f"{what} is the text {value!r}; the number of the class is expected. "
            "idx2label.search finds it."
        )
    if value is None:
        fail(f"{what} is None. Which class names what is on the photograph?")
    number = as_float(value, what)
    if not number.is_integer() or not 0 <= number < 1000:
        fail(f"{what} is {number:.4g}; classes are whole numbers from 0 to 999.")
    return int(number)


def _handed_in(name, what: str) -> Top:
    """Read a photograph and what was said about it; return its predictions."""
    if not isinstance(name, str) or not name:
        fail(f"{what} is {describe(name)}; the name of the file is expected, such as {what}.jpg.")
    if Path(name).name != name:
        fail(f"{what} is {name!r}. Put the photograph beside the notebook, and give its name only.")
    try:
        image = open_photo(name)
        own = not is_from_the_package(image)
    except PhotoError as error:
        fail(f"{what}: {error} Hand the photograph in together with the notebook.")
    if not own:
        fail(
            f"{name} is a photograph of the course. Take one of your own, or one that you may "
            "use and whose source you name."
        )
    said = _what_was_said(name)
    if said.network == LITE0:
        chances = _chances(_scores(_prepared([resize_and_crop(image)])))[0]
        return [(int(n), float(chances[n])) for n in np.argsort(-chances)[:5]]
    print(f"{name}: predictions of {said.network}, as they were saved; not computed again")
    return said.top


def _what_was_said(name: str):
    try:
        said = read_predictions().get(name)
    except HandInError as error:
        fail(str(error))
    if said is None:
        fail(f"predictions.json says nothing about {name}. Run the cell that saves it again.")
    if said.sha256 != hashlib.sha256(Path(name).read_bytes()).hexdigest():
        fail(
            f"predictions.json was written for another file of the name {name}. The photograph "
            "was changed since: run the cell that saves the predictions again."
        )
    return said


# --- optional -------------------------------------------------------------------------------


@functools.lru_cache(maxsize=8)
def _upright(name: str) -> np.ndarray:
    """Return the probabilities, (n, 1000), of a photograph prepared in good ways."""
    return _chances(_scores(_prepared(_good_crops(open_photo(photo(name))))))


def check_turned(turned: Callable, name: str = TURNED[0]) -> None:
    """Check the probabilities of one class while a photograph is turned.

    Parameters
    ----------
    turned : callable
        From a file, a class number and a list of angles in degrees to probabilities.
    name : str
        The photograph.

    Raises
    ------
    CheckFailed
        With what is probably wrong.
    WeightsUnavailable
        If the network is not installed on this machine.
    """
    good = _upright(name)
    best = int(good[0].argmax())
    angles = [0, 90, 180]
    returned = _run(turned, str(photo(name)), best, angles)
    if returned is None or not hasattr(returned, "__len__") or len(returned) != len(angles):
        fail(f"turned returned {describe(returned)}; one probability for each angle is expected.")
    yours = np.array([as_float(value, f"entry {k} of turned") for k, value in enumerate(returned)])
    if yours.min() < 0 or yours.max() > 1:
        fail(f"turned returned {yours.round(3).tolist()}; probabilities lie between 0 and 1.")
    if np.abs(good[:, best] - yours[0]).min() > SAME_PHOTO:
        fail(
            f"At 0 degrees the probability of class {best} is {yours[0]:.3f}; without a turn "
            f"{good[0, best]:.3f} is expected. Is it the probability of the class that was asked "
            "for?"
        )
    if np.ptp(yours) < 1e-6:
        fail("The probability is the same at every angle. Is the turned photograph used?")
    passed("the probability of a class while a photograph is turned")
