"""Explore a network that was trained on ImageNet, with photographs of your own.

Importing this package needs neither torch nor torchvision; loading a network does.
"""

from chainrule.pretrained.handin import (
    HandInError,
    choose_photo,
    read_predictions,
    save_predictions,
)
from chainrule.pretrained.labels import Labels, imagenet_names
from chainrule.pretrained.network import LITE0, Network, WeightsUnavailable, load_network
from chainrule.pretrained.photos import (
    PHOTOS,
    PhotoError,
    is_from_the_package,
    keep_photo,
    open_photo,
    photo,
    resize_and_crop,
)

__all__ = [
    "LITE0",
    "PHOTOS",
    "HandInError",
    "Labels",
    "Network",
    "PhotoError",
    "WeightsUnavailable",
    "choose_photo",
    "imagenet_names",
    "is_from_the_package",
    "keep_photo",
    "load_network",
    "open_photo",
    "photo",
    "read_predictions",
    "resize_and_crop",
    "save_predictions",
]
