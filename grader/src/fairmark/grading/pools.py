"""Where the work is done: in this process, in several, or on a cluster.

The three kinds take a `Task` and promise its `Work`. The engine does not know
which one it has.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext
from typing import TYPE_CHECKING, Protocol

from fairmark.grade_log import send_to_grader, take
from fairmark.model import Execution, Executor, GradingError

from .one_submission import (
    Setting,
    Task,
    Work,
    execute_prepared,
    failed,
    failure,
    finish,
    perform,
    prepare_task,
)
from .worker_start import worker_context

if TYPE_CHECKING:
    from distributed import Client

log = logging.getLogger(__name__)

#: How often a submission is tried again whose worker died.
_TRIES = 2
#: How long a cluster may be without workers before grading stops.
NO_WORKER_SECONDS = 120.0


class Pool(Protocol):
    """A place where work is done.

    Attributes
    ----------
    capacity : int
        How many submissions may be under way at once; it bounds the memory.
    """

    capacity: int

    def submit(self, task: Task) -> Future[Work]:
        """Begin with a submission."""

    def check(self) -> None:
        """Raise GradingError when nothing more will come."""


def pool_for(
    setting: Setting, workers: int, scheduler: str | None
) -> contextlib.AbstractContextManager[Pool]:
    """Open the pool that was asked for.

    Parameters
    ----------
    setting : Setting
        What all submissions share.
    workers : int
        Number of processes; 0 works in this one.
    scheduler : str or None
        Address of a Dask scheduler; then `workers` does not count.

    Raises
    ------
    GradingError
        When the cluster cannot be reached.
    """
    if scheduler is not None:
        return cluster(setting, scheduler)
    return processes(setting, workers) if workers else here(setting)


class _Threads:
    """Futures of work that threads do or wait for."""

    def __init__(self, threads: ThreadPoolExecutor, capacity: int, call: Callable[[Task], Work]):
        self.threads, self.capacity, self.call = threads, capacity, call

    def submit(self, task: Task) -> Future[Work]:
        """Begin with a submission."""
        return self.threads.submit(self.call, task)

    def check(self) -> None:
        """Do nothing: what happens to a worker is seen by the thread that leads it."""


@contextlib.contextmanager
def here(setting: Setting) -> Iterator[Pool]:
    """Work in this process, one submission after the other.

    Parameters
    ----------
    setting : Setting
        What all submissions share.
    """
    threads = ThreadPoolExecutor(max_workers=1)
    try:
        yield _Threads(threads, 1, lambda task: perform(setting, task))
    finally:
        threads.shutdown(cancel_futures=True)


# -- several processes ---------------------------------------------------------


@contextlib.contextmanager
def processes(setting: Setting, workers: int) -> Iterator[Pool]:
    """Work in several processes.

    A process that dies, for want of memory or through a bug, is replaced, and
    its submission is tried once more.

    Parameters
    ----------
    setting : Setting
        What all submissions share; its executor must be picklable.
    workers : int
        Their number.
    """
    crew = _Crew(worker_context(), setting)
    threads = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="worker")
    try:
        yield _Threads(threads, 2 * workers, crew.perform)
    finally:
        crew.dismiss()
        threads.shutdown(cancel_futures=True)


class _Crew:
    """The processes; each is led by one thread, which owns it."""

    def __init__(self, context: ForkServerContext, setting: Setting):
        self.context, self.setting = context, setting
        self.mine = threading.local()
        self.all: list[_Worker] = []
        self.lock = threading.Lock()
        self.dismissed = False

    def perform(self, task: Task) -> Work:
        """Have one submission done by this thread's process."""
        for _ in range(_TRIES):
            work = self._worker().perform(task)
            if work is not None:
                return work
            if self.dismissed:
                break
        why = f"the grading process ended {_TRIES} times while it was at work on it"
        if not self.dismissed:
            log.error("%s: %s", task.student, why)
        return failed(self.setting.template, task, why)

    def _worker(self) -> _Worker:
        worker: _Worker | None = getattr(self.mine, "worker", None)
        if worker is None or not worker.process.is_alive():
            with self.lock:
                if self.dismissed:
                    raise GradingError("Grading was stopped.")
                worker = self.mine.worker = _Worker(self.context, self.setting)
                self.all.append(worker)
        return worker

    def dismiss(self) -> None:
        """End all processes, whatever they do."""
        with self.lock:
            self.dismissed = True
        for worker in self.all:
            worker.end()


class _Worker:
    """One process and the line to it."""

    def __init__(self, context: ForkServerContext, setting: Setting):
        self.line, far_end = context.Pipe()
        self.process = context.Process(target=_serve, args=(far_end, setting), daemon=False)
        self.process.start()
        far_end.close()

    def perform(self, task: Task) -> Work | None:
        """Return the work, or None when the process died on it."""
        try:
            self.line.send(task)
            while True:
                wait([self.line, self.process.sentinel])
                if not self.line.poll():
                    break
                came: Work | logging.LogRecord = self.line.recv()
                if not isinstance(came, logging.LogRecord):
                    return came
                take(came)
        except (EOFError, OSError):
            pass  # it died; what could be sent no longer tells why
        self.end()
        return None

    def end(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.join()


def _serve(line: Connection, setting: Setting) -> None:
    """Do one task after the other until the grader hangs up."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    gc.freeze()  # what was imported before the fork stays
    send_to_grader(line.send)
    while True:
        try:
            task = line.recv()
        except EOFError:
            return
        try:
            line.send(perform(setting, task))
        except (BrokenPipeError, ConnectionResetError):
            return


def _end_with_parent() -> None:
    """End when the grader is gone, so that no worker goes on running students' code."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


# -- a cluster -----------------------------------------------------------------


@contextlib.contextmanager
def cluster(setting: Setting, address: str) -> Iterator[Pool]:
    """Work on a Dask cluster.

    Submissions are read and repaired here; what travels is data. The workers
    need this package, but no gradebook and no shared disk. Dask repeats the work
    of a worker that died.

    Parameters
    ----------
    setting : Setting
        What all submissions share; its executor must be picklable.
    address : str
        Of the scheduler, such as ``tcp://host:8786``.

    Raises
    ------
    GradingError
        When dask.distributed is missing or the scheduler does not answer.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise GradingError(
            "--scheduler needs dask.distributed: pip install 'dask[distributed]'."
        ) from error
    try:
        client = Client(address, timeout=10, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise GradingError(f"The Dask scheduler {address} does not answer: {error}") from error
    with client:
        _see_that_it_works(client, setting.executor)
        threads = max(1, sum(client.nthreads().values()))
        yield _Cluster(client, setting, 2 * threads)


def _see_that_it_works(client: Client, executor: Executor) -> None:
    """Let a worker try its sandbox, so that its absence stops the batch and costs no marks."""
    probe = getattr(executor, "probe", None)
    if probe is not None and client.nthreads():
        missing = client.submit(probe, pure=False).result()
        if missing:
            log.warning("on the cluster: %s", missing)


class _Cluster:
    """Futures of work that a cluster does."""

    def __init__(self, client: Client, setting: Setting, capacity: int):
        self.client, self.setting, self.capacity = client, setting, capacity
        self.remote = client.get_executor(pure=False, retries=_TRIES)
        self.alive = time.monotonic()

    def check(self) -> None:
        """Raise GradingError when the cluster has had no worker for a while."""
        try:
            workers = self.client.nthreads()
        except (OSError, TimeoutError) as error:
            raise GradingError(f"The Dask scheduler answers no more: {error}") from error
        if workers:
            self.alive = time.monotonic()
        elif time.monotonic() - self.alive > NO_WORKER_SECONDS:
            raise GradingError(
                "The Dask cluster has no workers left. What was graded is recorded; "
                "start workers and run the same command again."
            )

    def submit(self, task: Task) -> Future[Work]:
        """Begin with a submission."""
        promise: Future[Work] = Future()
        work = prepare_task(self.setting, task)
        if work.execution is not None or (work.key and work.key == task.known):
            promise.set_result(work)
            return promise
        prepared = work.prepared
        away = self.remote.submit(
            execute_prepared,
            self.setting.executor,
            prepared.notebooks,
            dict(prepared.files),
            self.setting.limits,
        )

        def settle(done: Future[Execution]) -> None:
            outcome: Execution | str
            if done.cancelled():
                outcome = "the cluster gave it up"
            else:
                error = done.exception()
                if error is not None:
                    log.error("the cluster failed on %s", task.student, exc_info=error)
                outcome = done.result() if error is None else failure(error)
            promise.set_result(finish(work, outcome))

        away.add_done_callback(settle)
        return promise
