"""Look inside a pretrained network: filters, activations, saliency, occlusion.

Every function takes a `Network` and leaves it as it was.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image
from torch import nn

from chainrule.pretrained.network import Network
from chainrule.pretrained.photos import Photo, open_photo


def class_chances(network: Network, images: torch.Tensor, batch: int = 8) -> np.ndarray:
    """Run prepared images through a network, a few at a time.

    Parameters
    ----------
    network : Network
    images : torch.Tensor, (N, 3, height, width)
        Prepared.
    batch : int
        How many at a time. A few fit into a processor's cache; many are slower.

    Returns
    -------
    ndarray, (N, 1000), float64
        Probabilities; each row sums to 1.
    """
    rows = []
    with torch.inference_mode():
        for part in images.split(batch):
            z = network.model(part).double()
            rows.append((z - z.logsumexp(1, keepdim=True)).exp().numpy())
    return np.concatenate(rows)


def best_classes(network: Network, photo: Photo, count: int = 5) -> list[tuple[int, float]]:
    """Return the most probable classes of a photograph, with their probabilities."""
    row = class_chances(network, network.preprocess(photo).unsqueeze(0))[0]
    return [(int(k), float(row[k])) for k in np.argsort(-row)[:count]]


def first_filters(network: Network) -> np.ndarray:
    """Return the filters of the first convolution.

    Returns
    -------
    ndarray, (filters, 3, height, width)
    """
    return _first_convolution(network).weight.detach().numpy().copy()


def _first_convolution(network: Network) -> nn.Conv2d:
    return next(part for part in network.model.modules() if isinstance(part, nn.Conv2d))


def activations(network: Network, photo: Photo, layer: nn.Module | None = None) -> np.ndarray:
    """Return what a layer gives for a photograph.

    Parameters
    ----------
    network : Network
    photo : path or image
        See `open_photo`.
    layer : torch.nn.Module, optional
        A part of ``network.model``; the first convolution when left out.

    Returns
    -------
    ndarray, (channels, height, width)
    """
    caught = []
    part = _first_convolution(network) if layer is None else layer
    hook = part.register_forward_hook(lambda module, given, out: caught.append(out[0]))
    try:
        class_chances(network, network.preprocess(photo).unsqueeze(0))
    finally:
        hook.remove()
    return caught[0].numpy().copy()


def saliency(network: Network, photo: Photo, class_number: int) -> np.ndarray:
    """Say for each pixel how fast the score of a class changes with it.

    The largest absolute gradient of the three colours (Simonyan, Vedaldi and Zisserman, 2014).

    Returns
    -------
    ndarray, (size, size)
        In scores per unit of the normalised image.
    """
    pixels = network.preprocess(photo).unsqueeze(0).requires_grad_()
    with torch.enable_grad():
        score = network.model(pixels)[0, class_number]
        (slope,) = torch.autograd.grad(score, pixels)
    return slope[0].abs().amax(0).numpy()


def occlusion(
    network: Network, photo: Photo, class_number: int, patch: int = 48, stride: int = 16
) -> np.ndarray:
    """Cover one square of a photograph after another, and watch a probability.

    The square is grey (Zeiler and Fergus, 2014).

    Parameters
    ----------
    network : Network
    photo : path or image
    class_number : int
        Whose probability is watched.
    patch, stride : int
        Side of the square, and how far it moves, in pixels of the prepared image.

    Returns
    -------
    ndarray, (rows, columns)
        The probability with the square at that place.
    """
    prepared = network.preprocess(photo)
    last = network.size - patch
    if not 0 < patch < network.size or stride < 1:
        raise ValueError(f"patch {patch} and stride {stride} do not fit {network.size} pixels")
    places = range(0, last + 1, stride)
    covered = []
    for top in places:
        for left in places:
            image = prepared.clone()
            image[:, top : top + patch, left : left + patch] = 0.0  # the mean colour
            covered.append(image)
    found = class_chances(network, torch.stack(covered))[:, class_number]
    return found.reshape(len(places), len(places))


def chances_of(network: Network, images: Sequence, class_number: int) -> np.ndarray:
    """Return the probability of one class for several photographs or images.

    Returns
    -------
    ndarray, (N,)
    """
    prepared = torch.stack([network.preprocess(image) for image in images])
    return class_chances(network, prepared)[:, class_number]


def zoomed(photo: Photo, fraction: float) -> Image.Image:
    """Cut the middle out of a photograph.

    Parameters
    ----------
    photo : path or image
    fraction : float
        Which part of its width and height is kept, above 0 and up to 1.

    Returns
    -------
    PIL.Image.Image
    """
    if not 0.0 < fraction <= 1.0:
        raise ValueError(f"fraction {fraction} should be above 0 and up to 1")
    image = open_photo(photo)
    width, height = (max(1, round(side * fraction)) for side in image.size)
    left, top = (image.width - width) // 2, (image.height - height) // 2
    return image.crop((left, top, left + width, top + height))
