"""The whole product as `make run` starts it, in a folder of its own and on free ports, for tests and screenshots."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

from tests.engine_process import ROOT, trained_model
from tests.ports import free_port
from tests.waiting import wait_until

_STARTING_SECONDS = 90


@dataclass
class ProductProcess:
    """A running product. `output` is what it printed so far, line by line."""

    folder: Path
    process: subprocess.Popen[str]
    port: int
    output: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The customer page, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def text(self) -> str:
        """All that was printed."""
        return "\n".join(self.output)

    def administrator(self) -> tuple[str, str]:
        """Address and one-time password of the first administrator, as printed."""
        found = re.search(r"Administrator +(\S+), one-time password: (\S+)", self.text)
        assert found is not None, self.text
        return found[1], found[2]

    def pid_of(self, part: str) -> int:
        """The process id of "app", "engine" or "actions"."""
        words = {"app": "firstline app", "engine": "bot serve", "actions": "bot actions"}[part]
        for status in Path("/proc").glob("[0-9]*/stat"):
            try:
                parent = int(status.read_text().rpartition(")")[2].split()[1])
                command = (status.parent / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue  # it ended while we looked
            if parent == self.process.pid and words in command:
                return int(status.parent.name)
        raise AssertionError(f"no {part} is running:\n{self.text}")

    def logs(self) -> str:
        """The ends of all log files, for whoever reads a failed test."""
        logs = sorted((self.folder / "log").glob("*.log"))
        return "\n".join(f"--- {log.name}\n{log.read_text(errors='replace')[-2000:]}" for log in logs)


@contextmanager
def running_product(folder: Path, **settings: str) -> Iterator[ProductProcess]:
    """`python -m firstline run`, ready; it is stopped by Ctrl-C at the end of the block."""
    shutil.copytree(trained_model(), folder / "models")
    ports = {name: str(free_port()) for name in ("FIRSTLINE_PORT", "FIRSTLINE_ENGINE_PORT", "FIRSTLINE_ACTIONS_PORT")}
    process = subprocess.Popen(
        [sys.executable, "-m", "firstline", "run"],
        cwd=ROOT,
        env={**os.environ, "FIRSTLINE_DATA_DIR": str(folder), **ports, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    product = ProductProcess(folder, process, int(ports["FIRSTLINE_PORT"]))
    reader = Thread(target=_read, args=(process, product.output), daemon=True)
    reader.start()
    try:
        wait_until(lambda: "Administrator" in product.text or process.poll() is not None, _STARTING_SECONDS)
        assert process.poll() is None, product.text + product.logs()
        yield product
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
        reader.join(5)


def _read(process: subprocess.Popen[str], output: list[str]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        output.append(line.rstrip())  # noqa: PERF401  line by line: others read along
