"""Write the picture of the README, book/_static/copy.svg.

Run it from the repository root: python tools/make_picture.py
"""

from pathlib import Path

from chainrule.backprop import figures

TARGET = Path(__file__).resolve().parents[1] / "book" / "_static" / "copy.svg"


def main() -> None:
    """Draw the second worked example of the first assignment."""
    figures.example_copy().save(TARGET)


if __name__ == "__main__":
    main()
