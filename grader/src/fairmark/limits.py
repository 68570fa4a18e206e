"""What students' code may use, unless the instructor says otherwise: time, memory, disk."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Limits:
    """What one notebook may use.

    Attributes
    ----------
    cell_seconds : float
        Time for one cell.
    notebook_seconds : float
        Time for all cells of a notebook together.
    output_bytes : int
        Size of the outputs that are kept of one cell.
    restarts : int
        How often a kernel that died is started again.
    """

    cell_seconds: float = 30.0
    notebook_seconds: float = 300.0
    output_bytes: int = 5_000_000
    restarts: int = 3


@dataclass(frozen=True)
class Allowance:
    """What a process in the sandbox may use.

    Attributes
    ----------
    memory_mb : int
        Memory that it may take beyond what it begins with.
    disk_mb : int
        Size of home, tmp and working folder together.
    processes : int
        Processes and threads.
    cpu_seconds : int
        Processor time of one process.
    data : dict
        Folders with data sets that can be read, by the variable that names each to notebooks.
    """

    memory_mb: int = 2048
    disk_mb: int = 256
    processes: int = 64
    cpu_seconds: int = 600
    data: dict[str, str] = field(default_factory=dict)
