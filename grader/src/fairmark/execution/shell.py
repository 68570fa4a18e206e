"""An IPython shell in a process of its own, without a kernel: it runs cells, keeps outputs."""

from __future__ import annotations

import ast
import io
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import TypedDict

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

_CUT = "\n[the rest was cut off]\n"
#: What an output costs beside its text: a notebook keeps some lines for each of them.
_EACH = 500
_FRAME = re.compile(r"Cell In\[(\d+)\], line (\d+)")


class Output(TypedDict, total=False):
    """An output in the form of a notebook; a stream is in pieces until the cell has ended."""

    output_type: str
    name: str
    pieces: list[str]
    text: str
    data: dict[str, str]
    metadata: dict[str, object]
    execution_count: int | None
    ename: str
    evalue: str
    traceback: list[str]


@dataclass
class Sink:
    """Keeps the outputs of one cell, up to a number of bytes."""

    room: int = 5_000_000
    outputs: list[Output] = field(default_factory=list)
    full: bool = False

    def clear(self, room: int) -> None:
        """Begin anew."""
        self.outputs = []
        self.room, self.full = room, False

    def text(self, name: str, text: str) -> None:
        """Add text of stdout or stderr."""
        if self.full or not text:
            return
        last: Output = self.outputs[-1] if self.outputs else {}
        same = last.get("output_type") == "stream" and last["name"] == name
        self.room -= 0 if same else _EACH
        if len(text) > self.room:
            text, self.full = text[: max(self.room, 0)] + _CUT, True
        self.room -= len(text)
        if same:
            last["pieces"].append(text)
        else:
            self.outputs.append({"output_type": "stream", "name": name, "pieces": [text]})

    def rich(self, kind: str, shown: Mapping[object, object], count: int | None = None) -> None:
        """Add something that is displayed."""
        if self.full:
            return
        data = {str(key): _plain(value) for key, value in shown.items()}
        size = _EACH + sum(len(value) for value in data.values())
        if size > self.room:
            data, self.full = {"text/plain": str(data.get("text/plain", ""))[:1000] + _CUT}, True
        self.room -= size
        output: Output = {"output_type": kind, "data": data, "metadata": {}}
        if kind == "execute_result":
            output["execution_count"] = count
        self.outputs.append(output)

    def error(self, name: str, text: str, traceback: list[str]) -> None:
        """Add an exception, one at least even where there is no room."""
        if self.room < 0 and any(out["output_type"] == "error" for out in self.outputs):
            return
        lines = [str(line)[:20_000] for line in traceback[-60:]]
        self.room -= _EACH + sum(map(len, lines))
        self.outputs.append(
            {"output_type": "error", "ename": name, "evalue": text[:10_000], "traceback": lines}
        )

    def take_text(self) -> list[tuple[str, str]]:
        """Take the texts out, those at the end of the outputs."""
        found = []
        while self.outputs and self.outputs[-1]["output_type"] == "stream":
            output = self.outputs.pop()
            found.append((output["name"], "".join(output["pieces"])))
        return found[::-1]

    def finished(self) -> list[Output]:
        """Return the outputs in the form of a notebook, and forget them."""
        found, self.outputs = self.outputs, []
        for output in found:
            if "pieces" in output:
                output["text"] = "".join(output.pop("pieces"))
        return found


def _plain(value: object) -> str:
    if isinstance(value, bytes):
        import base64

        return base64.b64encode(value).decode() + "\n"
    return value if isinstance(value, str) else str(value)


class Stream(io.TextIOBase):
    """Stands for sys.stdout or sys.stderr."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, sink: Sink, name: str, number: int):
        super().__init__()
        self._sink, self.name, self._number = sink, name, number

    def writable(self) -> bool:
        """Return True."""
        return True

    def isatty(self) -> bool:
        """Return False."""
        return False

    def fileno(self) -> int:
        """Return the number of the file that processes started from here write to."""
        return self._number

    def write(self, text: str) -> int:
        """Keep a text."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._sink.text(self.name, str(text))
        return len(text)


class _Hook(DisplayHook):
    shell: Shell

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: dict[object, object], md_dict: object = None) -> None:
        self.shell.sink.rich("execute_result", format_dict, self.shell.execution_count)

    def finish_displayhook(self) -> None:
        self._is_active = False

    def quiet(self) -> bool:
        return False


class _Publisher(DisplayPublisher):
    shell: Shell

    def publish(self, data: dict[object, object], *rest: object, **options: object) -> None:
        self.shell.sink.rich("display_data", data)

    def clear_output(self, wait: bool = False) -> None:
        self.shell.sink.outputs.clear()


def _is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


class Shell(InteractiveShell):
    """A shell whose outputs go into `sink`.

    Much of IPython's has no types: hence the calls that mypy is told not to look at.
    """

    displayhook_class = Type(_Hook)
    display_pub_class = Type(_Publisher)
    sink = Sink()

    def enable_gui(self, gui: object = None) -> None:
        """Do nothing: there is no screen."""

    def init_virtualenv(self) -> None:
        """Do nothing: the process has its libraries."""

    def transform_cell(self, raw_cell: str) -> str:
        """Turn magics into Python; what is Python already stays as it is.

        IPython goes through every token to find that out, which takes longer than a light
        cell. It changes nothing in Python's own language but the beginning: space, and a
        prompt that was copied, which reads as an annotation.
        """
        begun = raw_cell[:1].isspace() or raw_cell.startswith("In [")
        if begun or not _is_python(raw_cell):
            transformed: str = super().transform_cell(raw_cell)  # type: ignore[no-untyped-call]
            return transformed
        return raw_cell if raw_cell.endswith("\n") else raw_cell + "\n"

    def _showtraceback(
        self, etype: type[BaseException], evalue: BaseException, stb: str | list[str]
    ) -> None:
        lines = [stb] if isinstance(stb, str) else list(stb)
        try:
            text = str(evalue)
        except Exception:  # noqa: BLE001  (a student's exception may refuse)
            text = ""
        self.sink.error(etype.__name__, text, [*lines, *getattr(evalue, "fairmark_frames", [])])

    def system(self, cmd: str) -> None:
        """Run a command of the system and show what it prints."""
        done = subprocess.run(
            self.var_expand(cmd, depth=1),  # type: ignore[no-untyped-call]
            shell=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        self.sink.text("stdout", done.stdout.decode(errors="replace"))
        self.user_ns["_exit_code"] = done.returncode

    def run(self, text: str, number: int) -> bool:
        """Run a cell; say whether it ended without an exception.

        Parameters
        ----------
        text : str
            The cell.
        number : int
            Its place in the notebook, shown in tracebacks.
        """
        self.execution_count = number
        result = self.run_cell(text, store_history=False)  # type: ignore[no-untyped-call]
        return bool(result.success)

    def remember(self, text: str, number: int) -> None:
        """Keep the text of a cell in ``In``, where a check may look for it."""
        cells: list[str] = self.user_ns["In"]
        cells += [""] * (number + 1 - len(cells))
        cells[number] = text

    def student_lines(self, trace: TracebackType | None) -> list[str]:
        """Return the lines of cells in a traceback, as IPython writes them."""
        found: list[str] = []
        names = getattr(self.compile, "_filename_map", {})
        while trace is not None and len(found) < 50:
            name = trace.tb_frame.f_code.co_filename
            if name in names:
                found.append(f"Cell In[{names[name]}], line {trace.tb_lineno}")
            trace = trace.tb_next
        return found


def make_shell() -> Shell:
    """Make the one shell of a process; done before the processes are forked from it."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.xmode = "Context"
    config.InteractiveShell.autocall = 0
    config.InteractiveShell.cache_size = 0
    shell = Shell.instance(config=config)
    sys.displayhook = shell.displayhook
    return shell


def redirect(shell: Shell, folder: str, room: int) -> int:
    """Send what is printed into the shell's sink; return the file of the raw output."""
    shell.sink.clear(room)
    try:
        raw = os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_APPEND, 0o600)
    except OSError:
        raw = os.open(os.devnull, os.O_RDWR)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(raw, 1)
    os.dup2(raw, 2)
    for number in (null, raw):
        if number > 2:
            os.close(number)
    sys.stdin = open(0, closefd=False)
    sys.stdout, sys.stderr = Stream(shell.sink, "stdout", 1), Stream(shell.sink, "stderr", 2)
    # They are said to be files, and final; what is written to them shall be kept too.
    vars(sys).update(__stdout__=sys.stdout, __stderr__=sys.stderr)
    return 1


def take_raw(shell: Shell) -> None:
    """Move what was written to the files 1 and 2 directly into the sink."""
    try:
        size = os.fstat(1).st_size
        if not size:
            return
        text = os.pread(1, min(size, shell.sink.room + 1 if shell.sink.room > 0 else 1), 0)
        os.ftruncate(1, 0)
    except OSError:
        return
    shell.sink.text("stdout", text.decode(errors="replace"))
