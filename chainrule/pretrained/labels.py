"""The 1,000 classes of ImageNet, with a search."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from pathlib import Path

_CLASSES = Path(__file__).with_name("classes.txt")


class Labels(dict):
    """A dictionary from class number to name that can be searched.

    Parameters
    ----------
    names : iterable of str
        In the order of their numbers, from 0.
    """

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__(enumerate(names))

    def search(self, words: str) -> dict[int, str]:
        """Find classes by part of their name.

        Parameters
        ----------
        words : str
            One or more words in any order; capital letters make no difference.

        Returns
        -------
        dict of int to str
            All classes whose name holds every word; empty if there is none.
        """
        wanted = [re.compile(re.escape(word), re.IGNORECASE) for word in words.split()]
        if not wanted:
            return {}
        return {
            number: name
            for number, name in self.items()
            if all(word.search(name) for word in wanted)
        }


@functools.cache
def imagenet_names() -> tuple[str, ...]:
    """Return the names of the 1,000 classes of ImageNet in their usual order.

    Source: the list that torchvision carries with its weights.
    """
    return tuple(_CLASSES.read_text(encoding="utf-8").splitlines())
