"""Write photographs in the file formats that make trouble, for the checks of `pretrained`.

They are made from the photographs of the package, so they fall under the same terms.

Run it from the repository root: python tools/make_photo_formats.py
"""

from pathlib import Path

import numpy as np
from PIL import Image

FOLDER = Path("chainrule/pretrained/photos")
TARGET = FOLDER / "formats"
ORIENTATION = 0x0112  # the EXIF entry in which a camera notes how it was held


def lying(image: Image.Image, orientation: int, turn: Image.Transpose, name: str) -> None:
    """Save an image on its side, with the note that brings it upright again."""
    notes = Image.Exif()
    notes[ORIENTATION] = orientation
    image.transpose(turn).save(TARGET / name, quality=88, optimize=True, exif=notes)


def small(name: str, height: int = 300) -> Image.Image:
    """Return a photograph of the package with the given height."""
    image = Image.open(FOLDER / f"{name}.jpg")
    return image.resize((round(image.width * height / image.height), height), Image.BICUBIC)


def main() -> None:
    """Write all files."""
    TARGET.mkdir(exist_ok=True)
    lying(small("china"), 6, Image.Transpose.ROTATE_90, "lying.jpg")
    lying(small("cameraman"), 8, Image.Transpose.ROTATE_270, "lying-left.jpg")
    cat = small("cat", 256).convert("RGBA")
    clear = np.array(cat)
    clear[:, :40, 3] = 0  # outside the part that the network gets to see
    Image.fromarray(clear).save(TARGET / "transparent.png", optimize=True)
    small("rocket", 256).quantize(128).save(TARGET / "palette.png", optimize=True)
    small("cameraman", 256).convert("L").save(TARGET / "grey.png", optimize=True)
    deep = np.asarray(small("cameraman", 256).convert("L"), np.uint16) * 257
    Image.fromarray(deep).save(TARGET / "grey16.png", optimize=True)
    grey = small("china", 256).convert("LA")
    grey.save(TARGET / "grey-transparent.png", optimize=True)


if __name__ == "__main__":
    main()
