"""A kernel of its own for one notebook: bare environment, limits, clean end.

The kernel gets an empty home and a few named variables of the environment. That
keeps accidents of one student away from the next and from the instructor. It is
no protection against hostile code: see `execute`.
"""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import site
import subprocess
from enum import Enum
from pathlib import Path

import psutil
from jupyter_client import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from traitlets import Integer

from chainrule.data.store import data_folder

#: Variables that pass from the grader to the kernel: where programs and
#: libraries lie, language and time zone, threads.
_PASSED = (
    "PATH",
    "LANG",
    "LANGUAGE",
    "TZ",
    "PYTHONPATH",
    "VIRTUAL_ENV",
    "LD_LIBRARY_PATH",
    "SYSTEMROOT",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
)
_PASSED_BEGINNINGS = ("LC_", "CONDA_", "CHAINRULE_")

#: Error output of a cell that was stopped.
_STOPPED = "CellTimeoutError"


class Outcome(Enum):
    """How the run of one cell ended."""

    OK = "ok"
    ERROR = "error"
    TIMEOUT = "timeout"
    LOST = "lost"


class _Client(NotebookClient):
    """nbclient's client, with a limit on the size of what a cell puts out."""

    output_bytes = Integer(1_000_000)

    def start_cell(self) -> None:
        self._kept = 0
        self._cut = False

    def process_message(
        self, msg: dict, cell: NotebookNode, cell_index: int
    ) -> NotebookNode | None:
        if msg["msg_type"] in ("stream", "display_data", "execute_result", "update_display_data"):
            if not self._shorten(msg["content"]):
                return None
        elif msg["msg_type"] == "error":
            content = msg["content"]
            content["evalue"] = str(content.get("evalue", ""))[:10_000]
            content["traceback"] = [str(line)[:20_000] for line in content["traceback"][-60:]]
        return super().process_message(msg, cell, cell_index)

    def _shorten(self, content: dict) -> bool:
        """Cut a message to what is left of the cell's share; say if anything is left."""
        if self._cut:
            return False
        room = self.output_bytes - self._kept
        if "text" in content:
            content["text"], size = _cut_text(content["text"], room), len(content["text"])
        else:
            data = content.get("data", {})
            size = sum(len(str(value)) for value in data.values())
            if size > room:
                content["data"] = {"text/plain": _cut_text(str(data.get("text/plain", "")), 1000)}
        self._kept += size
        self._cut = self._kept > self.output_bytes
        return True


def _cut_text(text: str, room: int) -> str:
    return text if len(text) <= room else text[: max(room, 0)] + "\n[the rest was cut off]\n"


class Kernel:
    """A kernel in a folder of its own.

    Parameters
    ----------
    notebook : NotebookNode
        Its cells get their outputs.
    folder : Path
        Holds ``work``, the working folder, and everything else of the kernel.
    output_bytes : int
        What is kept of the outputs of one cell.
    """

    def __init__(self, notebook: NotebookNode, folder: Path, output_bytes: int):
        self.folder = folder
        self.peak_mb = 0.0
        self.answers_no_more = False
        self._starts = 0
        self._client = _Client(
            notebook,
            km=None,
            allow_errors=True,
            coalesce_streams=True,
            error_on_timeout={"ename": _STOPPED, "evalue": "", "traceback": []},
            interrupt_on_timeout=True,
            iopub_timeout=5,
            output_bytes=output_bytes,
            raise_on_iopub_timeout=True,
            startup_timeout=120,
        )
        self._client.log.setLevel("CRITICAL")
        self._client.on_cell_executed = self._remember
        self._reply: dict = {}

    async def start(self) -> None:
        """Start the kernel and wait until it answers."""
        self._starts += 1
        name = self._client.nb.metadata.get("kernelspec", {}).get("name", "python3")
        manager = AsyncKernelManager(
            kernel_name=name,
            connection_file=str(self.folder / f"kernel-{self._starts}.json"),
            # Sockets in the folder: no port that others on the machine could open.
            transport="ipc" if os.name == "posix" else "tcp",
        )
        manager.log.setLevel("CRITICAL")
        self._client.km = manager
        self._client.reset_execution_trackers()
        await self._client.async_start_new_kernel(
            cwd=str(self.folder / "work"),
            env=environment(self.folder),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        await self._client.async_start_new_kernel_client()

    async def stop(self) -> None:
        """End the kernel at once, and what it started."""
        manager = self._client.km
        if manager is None:
            return
        pid = getattr(manager.provisioner, "pid", None)
        if self._client.kc is not None:
            self._client.kc.stop_channels()
            self._client.kc = None
        if manager.has_kernel:
            await manager.shutdown_kernel(now=True)
        if pid and hasattr(os, "killpg"):
            # The kernel leads a session of its own; its children are in it.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
        self._client.km = None

    async def run(self, cell: NotebookNode, index: int, seconds: float) -> Outcome:
        """Run one cell.

        Parameters
        ----------
        cell : NotebookNode
            A code cell; gets its outputs.
        index : int
            Its place in the notebook.
        seconds : float
            Its time.

        Returns
        -------
        Outcome
            ``LOST`` when the kernel has died or does not answer any more.
        """
        client = self._client
        client.timeout = max(1, round(seconds))
        client.start_cell()
        self._reply, self.answers_no_more = {}, False
        try:
            await client.async_execute_cell(cell, index)
        except DeadKernelError:
            return Outcome.LOST
        except CellTimeoutError:
            self.answers_no_more = True
            return Outcome.LOST
        finally:
            self._measure()
        return self._outcome(cell)

    def _remember(self, *, cell: NotebookNode, cell_index: int, execute_reply: dict) -> None:
        self._reply = execute_reply["content"]

    def _outcome(self, cell: NotebookNode) -> Outcome:
        if not self._reply or self._reply.get("status") == "ok":
            return Outcome.OK
        if self._reply.get("ename") == _STOPPED:
            return Outcome.TIMEOUT
        if not any(out.output_type == "error" for out in cell.outputs):
            cell.outputs.append(_error(self._reply))
        return Outcome.ERROR

    def _measure(self) -> None:
        pid = getattr(self._client.km.provisioner, "pid", None) if self._client.km else None
        if pid:
            self.peak_mb = max(self.peak_mb, _peak_mb(pid))


def _error(reply: dict) -> NotebookNode:
    """Make an error output for a kernel that was kept from showing its own."""
    return NotebookNode(
        output_type="error",
        ename=str(reply.get("ename", "Error")),
        evalue=str(reply.get("evalue", ""))[:10_000],
        traceback=[],
    )


def _peak_mb(pid: int) -> float:
    """Return the largest resident memory of a process so far, in megabytes."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    try:
        return psutil.Process(pid).memory_info().rss / 2**20
    except psutil.Error:
        return 0.0


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of a kernel.

    Parameters
    ----------
    folder : Path
        Where its home is made.
    """
    home = folder / "home"
    fonts = home / "matplotlib"
    fonts.mkdir(parents=True, exist_ok=True)
    _hand_over_fonts(fonts)
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in _PASSED or name.startswith(_PASSED_BEGINNINGS)
    }
    own = {
        "HOME": str(home),
        "IPYTHONDIR": str(home / "ipython"),
        "JUPYTER_CONFIG_DIR": str(home / "jupyter"),
        "JUPYTER_RUNTIME_DIR": str(folder),
        "MPLCONFIGDIR": str(fonts),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        # Its home is empty: the data sets of the grading machine lie in the grader's home.
        "CHAINRULE_DATA": str(data_folder()),
        "CHAINRULE_OFFLINE": "1",
        "NBGRADER_EXECUTION": "autograde",
        "PYTHONDONTWRITEBYTECODE": "1",
        "TMPDIR": str(folder / "tmp"),
    }
    (folder / "tmp").mkdir(exist_ok=True)
    if site.ENABLE_USER_SITE:
        # With an empty home, Python would not find what pip put into the old one.
        own["PYTHONUSERBASE"] = site.getuserbase()
    return {**kept, **own}


def _hand_over_fonts(folder: Path) -> None:
    """Copy matplotlib's list of fonts: to make it anew takes seconds for each kernel."""
    found = _font_list()
    if found is not None:
        name, data = found
        (folder / name).write_bytes(data)


@functools.cache
def _font_list() -> tuple[str, bytes] | None:
    try:
        import matplotlib
        from matplotlib import font_manager
    except ImportError:
        return None
    name = f"fontlist-v{font_manager.FontManager.__version__}.json"
    path = Path(matplotlib.get_cachedir()) / name
    return (name, path.read_bytes()) if path.is_file() else None
