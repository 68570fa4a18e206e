"""The name under which the user has called these commands.

Another program may show them as its own. It says so by an entry point in the group
``fairmark.programs``, so that messages name the command as the user knows it.
"""

from __future__ import annotations

import sys
from importlib.metadata import entry_points
from pathlib import Path

GROUP = "fairmark.programs"
OWN = "fairmark"


def called(command: str) -> str:
    """Return a command as the user would type it.

    Parameters
    ----------
    command : str
        With its arguments, such as ``grade backprop``.

    Returns
    -------
    str
        ``fairmark grade backprop``, or the same with the name of the program that was
        started, where that shows fairmark's commands as its own.
    """
    started = Path(sys.argv[0] if sys.argv else "")
    name = started.parent.name if started.name == "__main__.py" else started.stem
    if name != OWN and any(point.name == name for point in entry_points(group=GROUP)):
        return f"{name} {command}"
    return f"{OWN} {command}"
