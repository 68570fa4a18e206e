"""Outputs of a notebook, made of what a process sent."""

from __future__ import annotations

import nbformat
from nbformat import NotebookNode


def read_outputs(found: object, room: int) -> list[NotebookNode]:
    """Make outputs of a notebook of what a process sent; leave out what is none."""
    outputs = []
    for item in found if isinstance(found, list) else []:
        if not isinstance(item, dict):
            continue
        output = _read_output(item)
        if output is None:
            continue
        room -= 100 + sum(len(str(value)) for value in item.values())
        if room < -100_000:
            break
        outputs.append(output)
    return outputs


def _read_output(item: dict[object, object]) -> NotebookNode | None:
    kind, data = item.get("output_type"), item.get("data")
    if kind == "stream":
        name = "stderr" if item.get("name") == "stderr" else "stdout"
        return _output("stream", name=name, text=_clean(item.get("text")))
    if kind == "error":
        lines = item.get("traceback")
        return _output(
            "error",
            ename=_clean(item.get("ename")),
            evalue=_clean(item.get("evalue")),
            traceback=[_clean(line) for line in lines] if isinstance(lines, list) else [],
        )
    if kind not in ("display_data", "execute_result") or not isinstance(data, dict):
        return None
    output = _output(str(kind), data={_clean(key): _clean(value) for key, value in data.items()})
    if kind == "execute_result":
        count = item.get("execution_count")
        output.execution_count = count if type(count) is int else None
    return output


def _output(kind: str, **parts: object) -> NotebookNode:
    output: NotebookNode = nbformat.v4.new_output(kind, **parts)
    return output


def _clean(value: object) -> str:
    text = value if isinstance(value, str) else ""
    return text.encode("utf-8", "replace").decode()
