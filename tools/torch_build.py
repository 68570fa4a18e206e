"""Put PyTorch's build for the CPU there before pip takes the usual one.

usage: python tools/torch_build.py auto|cpu|cuda

On Linux pip's usual build brings the CUDA libraries, which are several gigabytes and of no
use without an NVIDIA card. auto leaves a build that is there, and takes the one for the CPU
where there is no card; cpu and cuda decide otherwise. What cannot be had is said, and the
installation that follows takes the usual build. It needs no package.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import urllib.request
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NAMES = ("torch", "torchvision")
INDEX = "https://download.pytorch.org/whl/cpu"
#: Has one entry for each card, where the driver is loaded.
CARDS = Path("/proc/driver/nvidia/gpus")
#: Long enough for a slow line; a machine without one must not wait for it.
SECONDS = 10


def has_card() -> bool:
    """Say whether there is an NVIDIA card that its driver knows."""
    if CARDS.is_dir() and any(CARDS.iterdir()):
        return True
    program = shutil.which("nvidia-smi")
    if program is None:
        return False
    try:
        done = subprocess.run([program, "-L"], capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and "GPU " in done.stdout


def pins() -> dict[str, str]:
    """Return the tested versions."""
    text = (ROOT / "constraints.txt").read_text()
    return {name: re.search(rf"^{name}==(\S+)", text, re.MULTILINE)[1] for name in NAMES}


def installed() -> str:
    """Return the version of PyTorch that is there, and nothing without one."""
    try:
        return version("torch")
    except PackageNotFoundError:
        return ""


def why_not(index: str = INDEX) -> str:
    """Say why the build for the CPU is not to be had, and nothing if it is."""
    for name, pin in pins().items():
        try:
            with urllib.request.urlopen(f"{index}/{name}/", timeout=SECONDS) as page:
                text = page.read().decode(errors="replace").replace("%2B", "+")
        except (OSError, ValueError) as error:
            return f"{index} does not answer ({getattr(error, 'reason', error)})"
        if f"{name}-{pin}+cpu" not in text:
            return f"{index} has no {name} {pin}"
    return ""


def pip(*arguments: str) -> bool:
    """Call pip, and say whether all went well."""
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    return subprocess.run([*command, *arguments]).returncode == 0


def choose(wanted: str) -> str:
    """Return ``keep``, ``cpu`` or ``usual``."""
    there, _, build = installed().partition("+")
    tested = there == pins()["torch"]
    if wanted == "cuda":
        return "keep" if tested and build != "cpu" else "usual"
    if tested and (wanted == "auto" or build == "cpu"):
        return "keep"
    if wanted == "auto" and (sys.platform != "linux" or has_card()):
        return "usual"  # elsewhere the usual build is the only one
    return "cpu"


def take_cpu() -> None:
    """Install the build for the CPU, or say why the usual one will be taken."""
    problem = why_not(INDEX)
    if not problem:
        print("PyTorch: its own build for the CPU. TORCH=cuda takes the one with CUDA.", flush=True)
        # Without dependencies: those come from the usual place, in the tested versions.
        named = [f"{name}=={pin}+cpu" for name, pin in pins().items()]
        if pip("install", "--no-deps", "--index-url", INDEX, *named):
            return
        problem = f"pip could not install it from {INDEX}"
    print(f"PyTorch: the build for the CPU is not to be had: {problem}.")
    print("The usual build is taken. On Linux it may bring several gigabytes of CUDA.", flush=True)


def main() -> int:
    """Do what the command line asks for."""
    wanted = " ".join(sys.argv[1:])
    if wanted not in ("auto", "cpu", "cuda"):
        print(f"TORCH is {wanted!r}; auto, cpu or cuda is expected")
        return 2
    choice = choose(wanted)
    if choice == "cpu":
        take_cpu()
    elif choice == "usual" and installed():
        pip("uninstall", "--yes", *NAMES)
    return 0


if __name__ == "__main__":
    sys.exit(main())
