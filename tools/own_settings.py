"""Run a command that sees no settings but the course's own.

usage: python tools/own_settings.py COMMAND [ARGUMENT ...]

A hub has a system-wide configuration of nbgrader, and people have their own of Jupyter,
IPython and matplotlib. `chainrule grade` honours them in an instructor's course folder,
as nbgrader does. What the repository makes and tests must come out alike everywhere, so
`make`, the examples and the tests call their commands through this. The configuration in
the course folder is read as ever.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

#: Kept between runs: matplotlib takes seconds to make its list of fonts.
FOLDER = ROOT / "_build" / "settings"

_SETTINGS = ("JUPYTER_", "IPYTHON", "MPL", "MATPLOTLIB", "PYTHONSTARTUP")


def own_settings(environment: Mapping[str, str], folder: Path = FOLDER) -> dict[str, str]:
    """Return an environment in which the programs find their own settings only.

    Parameters
    ----------
    environment : mapping of str to str
        The present one, usually `os.environ`.
    folder : Path
        Where IPython and Jupyter may write. It is made: IPython takes another if it is missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    kept = {k: v for k, v in environment.items() if not k.startswith(_SETTINGS)}
    return {
        **kept,
        # Jupyter's and nbgrader's: neither the user's nor the machine's (/etc/jupyter).
        "JUPYTER_NO_CONFIG": "1",
        # No variable turns /etc/ipython off. The kernel that lies here passes it over.
        "JUPYTER_PATH": str(ROOT / "tools" / "jupyter"),
        "JUPYTER_DATA_DIR": str(folder / "jupyter"),
        "IPYTHONDIR": str(folder / "ipython"),
        "MPLCONFIGDIR": str(FOLDER / "matplotlib"),
    }


def main() -> int:
    """Run the command, and clear up after it."""
    if not sys.argv[1:]:
        sys.exit(__doc__)
    # Without a configuration every process of Jupyter's leaves an empty folder behind.
    with tempfile.TemporaryDirectory(prefix="chainrule-") as temporary:
        environment = {**own_settings(os.environ), "TMPDIR": temporary}
        return subprocess.run(sys.argv[1:], env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
