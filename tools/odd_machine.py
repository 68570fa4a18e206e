"""Run a command on a machine that is set up oddly, with a home folder of its own.

usage: python tools/odd_machine.py COMMAND [ARGUMENT ...]

Every hub has a configuration of nbgrader, and somebody's cache may hold anything. What the
repository makes and tests must not hang on either, so .ci/run calls the tests through
this. The home folder is new but for a cache with wrong data and for settings of Jupyter,
nbgrader, IPython and matplotlib that spoil what they reach. Where root may mount, the same
settings are put over /etc for this command alone; else they are put into /etc and removed
afterwards, and where that cannot be written, this is said. It needs no package.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

NBGRADER = """c = get_config()
c.CourseDirectory.source_directory = "odd-source"
c.CourseDirectory.db_url = "sqlite:///odd-gradebook.db"
c.ClearSolutions.begin_solution_delimeter = "BEGIN ODD"
c.ClearSolutions.code_stub = {"python": "odd_stub()"}
"""
IPYTHON = """c = get_config()
c.InteractiveShellApp.exec_lines = ["print('an odd line')"]
c.InteractiveShell.ast_node_interactivity = "none"
"""
MATPLOTLIB = "figure.dpi: 31\nsavefig.dpi: 31\nlines.linewidth: 9\nfigure.facecolor: red\n"
KERNEL = json.dumps({"argv": ["false"], "display_name": "Odd", "language": "python"})

#: Below /etc, as a hub has them.
MACHINE = {
    "jupyter/nbgrader_config.py": NBGRADER,
    "ipython/ipython_config.py": IPYTHON,
}
#: Below the home folder.
HOME = {
    ".jupyter/nbgrader_config.py": NBGRADER,
    ".ipython/profile_default/ipython_config.py": IPYTHON,
    ".ipython/profile_default/startup/00-odd.py": "print('an odd line')\n",
    ".local/share/jupyter/kernels/python3/kernel.json": KERNEL,
    ".config/matplotlib/matplotlibrc": MATPLOTLIB,
    "odd/nbgrader_config.py": NBGRADER,
    "odd/matplotlibrc": MATPLOTLIB,
}

_SPEC = re.compile(r'ArraySpec\(\s*"(\w+)",\s*(\([\d, ]+\)),\s*"([0-9a-f]{64})"')


def plant_home(home: Path) -> dict[str, str]:
    """Fill a home folder.

    Returns
    -------
    dict of str to str
        The variables that lead to it.
    """
    for name, text in HOME.items():
        _write(home / name, text)
    cache = home / ".cache" / "chainrule"
    for name, module in (("cifar10", "cifar10"), ("fashion-mnist", "fashion_mnist")):
        _plant_data(cache / name, (ROOT / "chainrule/data" / f"{module}.py").read_text())
    return {
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_DATA_HOME": str(home / ".local" / "share"),
        "CHAINRULE_DATA": str(cache),
        "JUPYTER_CONFIG_PATH": str(home / "odd"),
        "JUPYTER_PREFER_ENV_PATH": "0",  # the user's kernel goes before the environment's
        "MATPLOTLIBRC": str(home / "odd" / "matplotlibrc"),
    }


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def _plant_data(folder: Path, module: str) -> None:
    """Lay black pictures down, with a record which says that they were verified."""
    folder.mkdir(parents=True)
    record = {}
    for name, shape, sha256 in _SPEC.findall(module):
        head = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}"
        head = head.ljust(117) + "\n"
        size = 1
        for axis in re.findall(r"\d+", shape):
            size *= int(axis)
        path = folder / f"{name}.npy"
        path.write_bytes(b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head.encode())
        os.truncate(path, path.stat().st_size + size)  # zeros that take no room
        stat = path.stat()
        record[name] = {"size": stat.st_size, "mtime_ns": stat.st_mtime_ns, "sha256": sha256}
    (folder / "verified.json").write_text(json.dumps(record))


@contextlib.contextmanager
def planted_machine(place: Path = Path("/etc")) -> Iterator[list[str]]:
    """Put the system-wide settings into place for a while; nothing of the machine's is replaced.

    Yields
    ------
    list of str
        The beginning of the command: a shell in a view of the files of its own, or nothing.
    """
    begin, made = [], []
    try:
        try:
            begin = _lay_over(place, made)
        except OSError as error:
            print(f"left out: system-wide settings ({error})", flush=True)
        yield begin
    finally:
        for path in reversed(made):
            with contextlib.suppress(OSError):  # not empty: somebody else uses it by now
                path.rmdir() if path.is_dir() else path.unlink()


def _lay_over(place: Path, made: list[Path]) -> list[str]:
    """Do what `planted_machine` does, and list what must go again in `made`."""
    folders = sorted({place / Path(name).parts[0] for name in MACHINE})
    for folder in folders:
        if not folder.exists():
            folder.mkdir()
            made.append(folder)
    if _may_mount():
        return _own_view(folders)
    for name, text in MACHINE.items():
        if (place / name).exists():
            print(f"left out: {place / name} is there already", flush=True)
        else:
            made.append(place / name)
            (place / name).write_text(text)
    return []


def _may_mount() -> bool:
    trial = ["unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"]
    if not shutil.which("unshare"):
        return False
    return subprocess.run(trial, stderr=subprocess.DEVNULL).returncode == 0


def _own_view(folders: list[Path]) -> list[str]:
    """Cover the folders for one command: others on this machine see nothing of it."""
    lines = [f"mount -t tmpfs none {folder}" for folder in folders]
    for name, text in MACHINE.items():
        lines.append(f"cat >{folders[0].parent / name} <<'END'\n{text}END")
    return ["unshare", "--mount", "sh", "-ec", "\n".join([*lines, 'exec "$@"']), "sh"]


def main() -> int:
    """Run the command, and take away all that was laid down."""
    if not sys.argv[1:]:
        sys.exit(__doc__)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="chainrule-odd-") as home:
        environment = {**os.environ, **plant_home(Path(home))}
        with planted_machine() as begin:
            return subprocess.run([*begin, *sys.argv[1:]], env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
