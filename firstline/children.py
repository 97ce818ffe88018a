"""Child processes that are kept alive until they are told to stop, whatever happens to them or to us.

Each child leads a process group of its own, so that Ctrl-C in the terminal reaches only the supervisor, and a stop
reaches a child's own children as well. Its output goes to ``<log_dir>/<name>.log``.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from asyncio.subprocess import Process
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from firstline import watchdog

KEPT_LOGS = 3


@dataclass(frozen=True, slots=True)
class Child:
    """A command to run; `env` is added to the environment that we have ourselves."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pace:
    """How long to wait for what, in seconds."""

    back_off: tuple[float, ...] = (1, 2, 4, 8, 16, 30)
    """Before the first restart, the second …; the last one for all that follow."""
    healthy_after: float = 60
    """A child that lived this long begins with the shortest wait again."""
    stop_within: float = 4
    """From SIGTERM to SIGKILL."""


class Children:
    """The children of one supervisor. Use it with ``async with``: leaving it stops them all."""

    def __init__(self, log_dir: Path, cwd: Path, say: Callable[[str], None], pace: Pace) -> None:
        self._log_dir = log_dir
        self._cwd = cwd
        self._say = say
        self._pace = pace
        self._stopping = asyncio.Event()
        self._keepers: set[asyncio.Task[None]] = set()
        self._alive: dict[int, Process] = {}
        self._logs: set[str] = set()
        self._watchdog: subprocess.Popen[bytes] | None = None

    async def __aenter__(self) -> Self:
        self._log_dir.mkdir(parents=True, exist_ok=True)
        self._watchdog = subprocess.Popen(  # noqa: ASYNC220  it starts in milliseconds and is never waited for
            [sys.executable, "-I", "-S", watchdog.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,  # it outlives us: whoever reads our output must not wait for it
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            bufsize=0,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def log_path(self, name: str) -> Path:
        """Return where the output of that child goes."""
        return self._log_dir / f"{name}.log"

    def keep(self, child: Child) -> None:
        """Start the child, and start it again whenever it ends."""
        self._keepers.add(asyncio.create_task(self._keep(child), name=child.name))

    async def run(self, child: Child) -> tuple[int, str]:
        """Run a command to its end; returns its exit code and what it wrote to stdout. Its stderr goes to its log."""
        try:
            process = await self._spawn(child, subprocess.PIPE)
        except OSError as error:
            return 127, f"{child.argv[0]}: {error.strerror}"
        try:
            output, _ = await process.communicate()
        finally:
            if process.returncode is not None:
                self._forget(process)
        assert process.returncode is not None  # communicate waits for the end
        return process.returncode, output.decode(errors="replace").strip()

    async def stop(self) -> None:
        """End all children and their groups: asked by SIGTERM, after `Pace.stop_within` forced by SIGKILL."""
        self._stopping.set()
        for group in self._alive:
            watchdog.send(group, signal.SIGTERM)
        ends = [*self._keepers, *(asyncio.create_task(process.wait()) for process in self._alive.values())]
        if ends:
            await asyncio.wait(ends, timeout=self._pace.stop_within)
        for group in self._alive:
            watchdog.send(group, signal.SIGKILL)
        if ends:
            await asyncio.wait(ends, timeout=1)  # a process that the kernel holds must not hold us
        for process in list(self._alive.values()):
            self._forget(process)
        if self._watchdog and self._watchdog.stdin:
            self._watchdog.stdin.close()
            self._watchdog.wait()

    async def _keep(self, child: Child) -> None:
        loop = asyncio.get_running_loop()
        deaths = 0
        while not self._stopping.is_set():
            began = loop.time()
            how = await self._live(child)
            if self._stopping.is_set():
                return
            deaths = 0 if loop.time() - began >= self._pace.healthy_after else deaths
            delay = self._pace.back_off[min(deaths, len(self._pace.back_off) - 1)]
            deaths += 1
            self._say(f"{child.name} {how}; it is started again in {delay:g} s (see {self.log_path(child.name)})")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), delay)

    async def _live(self, child: Child) -> str:
        """Run the child to its end and return, in words, how it ended."""
        try:
            process = await self._spawn(child, None)
        except OSError as error:
            return f"cannot be started ({child.argv[0]}: {error.strerror})"
        if self._stopping.is_set():  # told to stop while the process was being made
            watchdog.send(process.pid, signal.SIGKILL)
        code = await process.wait()
        self._forget(process)
        return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"

    async def _spawn(self, child: Child, stdout: int | None) -> Process:
        with self._open_log(child.name) as log:
            process = await asyncio.create_subprocess_exec(
                *child.argv,
                cwd=self._cwd,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **child.env},
                stdin=subprocess.DEVNULL,
                stdout=log if stdout is None else stdout,
                stderr=log,
                start_new_session=True,
            )
        self._alive[process.pid] = process
        self._tell_watchdog("+", process)
        return process

    def _forget(self, process: Process) -> None:
        """Clear away a process that has ended, and what it left running in its group."""
        if self._alive.pop(process.pid, None):
            watchdog.send(process.pid, signal.SIGKILL)
            self._tell_watchdog("-", process)

    def _tell_watchdog(self, sign: str, process: Process) -> None:
        if self._watchdog and self._watchdog.stdin:
            with contextlib.suppress(BrokenPipeError):  # someone killed it: we go on without
                self._watchdog.stdin.write(f"{sign}{process.pid}\n".encode())

    def _open_log(self, name: str) -> BinaryIO:
        """Open a child's log: a new one at its first start, the old ones moved on; the same one at a restart."""
        path = self.log_path(name)
        if name not in self._logs:
            self._logs.add(name)
            for number in reversed(range(KEPT_LOGS)):
                older = path.with_name(f"{path.name}.{number}") if number else path
                if older.exists():
                    older.replace(path.with_name(f"{path.name}.{number + 1}"))
        return path.open("ab")
