"""Open any photograph as it should be seen: upright, in red, green and blue.

A photograph can be grey, have a palette, be partly transparent, hold 16 bits a pixel,
or lie on its side with a note that says so. `open_photo` turns each of them into the
image that a person sees. A few photographs with free licences come with the package.
"""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import TypeAlias

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

#: Larger photographs are refused before they are unpacked.
LARGEST_FILE = 40_000_000
MOST_PIXELS = 100_000_000

#: Longer sides are made smaller by `keep_photo`. A network looks at a few hundred pixels.
LONGEST_SIDE = 1024

#: What counts as a photograph: a file or its content, an image, or its pixels.
Photo: TypeAlias = str | Path | bytes | Image.Image | np.ndarray

_FOLDER = Path(__file__).with_name("photos")

#: The photographs of the package, and what is on them.
PHOTOS = {
    "china": "a Chinese temple, its roofs curved at the corners",
    "flower": "a flower with red-tipped petals around a yellow centre",
    "cat": "the face of a ginger cat",
    "cameraman": "a man with a camera on a tripod, in grey",
    "clock": "a blurred wall clock, in grey",
    "rocket": "a rocket that takes off at night",
}


class PhotoError(ValueError):
    """A photograph cannot be used; the message says why and what to do."""


def photo(name: str) -> Path:
    """Return the file of a photograph that comes with the package.

    Parameters
    ----------
    name : str
        One of `PHOTOS`.

    Raises
    ------
    PhotoError
        If there is none of that name.
    """
    if name not in PHOTOS:
        raise PhotoError(f"There is no photograph {name!r}; there are {', '.join(PHOTOS)}.")
    return _FOLDER / f"{name}.jpg"


def open_photo(source: Photo) -> Image.Image:
    """Open a photograph upright, in red, green and blue.

    Parameters
    ----------
    source : path, bytes, PIL.Image.Image, or ndarray
        A file or its content; or its pixels: ndarray, (height, width), (height, width, 3)
        or (height, width, 4), uint8.

    Returns
    -------
    PIL.Image.Image
        Mode RGB. What was transparent is white, and the turn that a camera noted
        (EXIF orientation) has been made.

    Raises
    ------
    PhotoError
        If there is no such file, it is no image, or it is too large.
    """
    return upright_rgb(_opened(source))


def _opened(source: Photo) -> Image.Image:
    if isinstance(source, Image.Image):
        return source
    if isinstance(source, np.ndarray):
        if source.dtype != np.uint8:
            raise PhotoError(f"An array of uint8 is expected as an image, not {source.dtype}.")
        return Image.fromarray(source)
    if isinstance(source, (bytes, bytearray, memoryview)):
        content, name = bytes(source), "The photograph"
    else:
        path = Path(source).expanduser()
        if not path.is_file():
            raise PhotoError(
                f"There is no file {path.name} there. A file beside the notebook is found by its "
                "name alone. Mind capital letters: photo.JPG is not photo.jpg."
            )
        if path.stat().st_size > LARGEST_FILE:
            raise PhotoError(f"{path.name} is larger than {LARGEST_FILE // 1_000_000} MB.")
        content, name = path.read_bytes(), path.name
    if len(content) > LARGEST_FILE:
        raise PhotoError(f"{name} is larger than {LARGEST_FILE // 1_000_000} MB.")
    return _decoded(content, name)


def _decoded(content: bytes, name: str) -> Image.Image:
    with warnings.catch_warnings():
        # Pillow warns before our own limit is reached; the limit below decides.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            image = Image.open(io.BytesIO(content))
            if image.width * image.height > MOST_PIXELS:
                raise PhotoError(f"{name} has more than {MOST_PIXELS // 1_000_000} million pixels.")
            image.load()
        except UnidentifiedImageError:
            raise PhotoError(
                f"{name} is no image that can be read here. JPEG, PNG, WebP and GIF work. "
                "A photograph from a telephone may be HEIC: export it as JPEG."
            ) from None
        except (OSError, SyntaxError, Image.DecompressionBombError) as error:
            raise PhotoError(f"{name} is damaged or was not copied whole ({error}).") from None
    return image


def upright_rgb(image: Image.Image) -> Image.Image:
    """Turn an image upright, and into red, green and blue.

    Parameters
    ----------
    image : PIL.Image.Image
        Any mode; it stays as it is.

    Returns
    -------
    PIL.Image.Image
        A new image of mode RGB.
    """
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I") or image.mode == "F":
        image = _eight_bits(image)
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        layer = image.convert("RGBA")
        image = Image.new("RGBA", layer.size, "white")
        image.alpha_composite(layer)
    return image.convert("RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    """Bring grey values to 0..255; Pillow would cut off everything above 255."""
    values = np.asarray(image, np.float64)
    if image.mode == "F":
        top = 1.0 if values.max(initial=0.0) <= 1.0 else 255.0
    else:
        top = 65535.0 if values.max(initial=0.0) > 255 or ";16" in image.mode else 255.0
    return Image.fromarray(np.clip(np.rint(values * (255.0 / top)), 0, 255).astype(np.uint8))


def resize_and_crop(
    image: Image.Image, size: int = 224, resize: int = 256, resample: int = Image.Resampling.BICUBIC
) -> Image.Image:
    """Make the short side `resize` pixels long, then cut `size` x `size` from the centre.

    The proportions stay as they are; what lies far from the centre is lost.

    Parameters
    ----------
    image : PIL.Image.Image
    size, resize : int
        In pixels; `size` is at most `resize`.
    resample : PIL.Image.Resampling
        How pixels are mixed.

    Returns
    -------
    PIL.Image.Image
    """
    if not 0 < size <= resize:
        raise ValueError(f"size {size} should be between 1 and resize {resize}")
    scale = resize / min(image.size)
    width, height = (max(resize, round(side * scale)) for side in image.size)
    image = image.resize((width, height), resample)
    left, top = (width - size) // 2, (height - size) // 2
    return image.crop((left, top, left + size, top + size))


def keep_photo(source: Photo, name: str, folder: Path | str = ".") -> str:
    """Save an upright, smaller copy of a photograph, without what the camera noted.

    The place and time of a photograph, which a telephone writes into it, are left out.

    Parameters
    ----------
    source : path, bytes, PIL.Image.Image or array
        See `open_photo`.
    name : str
        The name of the copy; it ends in ``.jpg``.
    folder : path
        Where it is written; beside the notebook when left out.

    Returns
    -------
    str
        The name.

    Raises
    ------
    PhotoError
        As `open_photo`, and if the name is not a plain name that ends in ``.jpg``.
    """
    if Path(name).name != name or not name.endswith(".jpg"):
        raise PhotoError(f"{name!r} should be a plain name that ends in .jpg, such as img1.jpg.")
    image = open_photo(source)
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.BICUBIC)
    # A clean image: nothing of the original's notes is saved with it.
    Image.fromarray(np.asarray(image)).save(Path(folder) / name, quality=95)
    return name


def is_from_the_package(source: Photo) -> bool:
    """Tell whether a photograph is one of those that come with the package.

    Copies count too, smaller or saved anew, as long as nothing was cut off or turned.
    """
    mine = _thumb(open_photo(source))
    return any(np.abs(mine - _thumb(open_photo(photo(name)))).mean() < 6.0 for name in PHOTOS)


def _thumb(image: Image.Image) -> np.ndarray:
    return np.asarray(image.resize((24, 24), Image.Resampling.BOX), np.float64)
