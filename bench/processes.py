"""Starts what is measured, each process on a free port and in a folder of its own, and ends it."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.ports import free_port

ROOT = Path(__file__).parent.parent
ENGINE_PYTHON = ROOT / ".venv-engine" / "bin" / "python"
_START_WITHIN = 120


class NotStarted(RuntimeError):
    """A process did not come up; the message has the end of its log."""


@dataclass(frozen=True, slots=True)
class Running:
    """A process that answers."""

    name: str
    pid: int
    url: str

    def memory_mb(self) -> float:
        """Memory of the process and its children in MiB: proportional set size, as Linux counts it."""
        return sum(_pss_kb(pid) for pid in _family(self.pid)) / 1024


def _pss_kb(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0


def _family(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from _family(int(child))


@contextmanager
def started(
    name: str, command: list[str], url: str, ready: str, env: Mapping[str, str], logs: Path
) -> Iterator[Running]:
    """Run `command` until the block ends; the block begins when GET `url` + `ready` answers 200."""
    log = logs / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **env},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait(process, url + ready, env.get("FIRSTLINE_ENGINE_TOKEN", ""), log)
        yield Running(name, process.pid, url)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait(process: subprocess.Popen[bytes], url: str, token: str, log: Path) -> None:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    deadline = time.monotonic() + _START_WITHIN
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(request, timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)  # nobody listens yet, and a port tells nobody when that changes
    raise NotStarted(f"{url} does not answer; the end of {log}:\n" + log.read_text(errors="replace")[-2000:])


class Installation:
    """An installation in `folder`: its ports, secrets and how to start each of its processes."""

    def __init__(self, folder: Path, model: Path) -> None:
        self.folder = folder
        self.model = model
        self.app_port, self.engine_port, self.actions_port = free_port(), free_port(), free_port()
        self.env = {
            "FIRSTLINE_DATA_DIR": str(folder),
            "FIRSTLINE_PORT": str(self.app_port),
            "FIRSTLINE_ENGINE_PORT": str(self.engine_port),
            "FIRSTLINE_ACTIONS_PORT": str(self.actions_port),
            "FIRSTLINE_DESK_URL": f"http://127.0.0.1:{self.app_port}",
            "FIRSTLINE_TRACKER_DB": str(folder / "tracker.db"),
            "FIRSTLINE_ENGINE_TOKEN": secrets.token_hex(16),
            "FIRSTLINE_INTERNAL_TOKEN": secrets.token_hex(16),
            "FIRSTLINE_SECRET_KEY": secrets.token_hex(16),
            "FIRSTLINE_LOG_LEVEL": "warning",
            "RASA_TELEMETRY_ENABLED": "false",
            "SANIC_HOST": "127.0.0.1",
        }

    def engine(self) -> AbstractContextManager[Running]:
        """Our engine."""
        command = [str(ENGINE_PYTHON), "-m", "bot", "serve", "--model", str(self.model)]
        url = f"http://127.0.0.1:{self.engine_port}"
        return started("engine", command, url, "/webhooks/firstline/ready", self.env, self.folder)

    def rasa(self) -> AbstractContextManager[Running]:
        """Rasa as it comes, with its own REST channel, on the same model, tracker store and action server."""
        command = [
            *(str(ENGINE_PYTHON), "-m", "rasa", "run", "--model", str(self.model), "--interface", "127.0.0.1"),
            *("--port", str(self.engine_port), "--endpoints", "endpoints.yml"),
            *("--credentials", str(ROOT / "bench" / "rest_credentials.yml")),
        ]
        url = f"http://127.0.0.1:{self.engine_port}"
        return started("rasa", command, url, "/webhooks/rest/", self.env, self.folder)

    def actions(self) -> AbstractContextManager[Running]:
        """The action server."""
        command = [str(ENGINE_PYTHON), "-m", "bot", "actions"]
        url = f"http://127.0.0.1:{self.actions_port}"
        return started("actions", command, url, "/health", self.env, self.folder)

    def app(self) -> AbstractContextManager[Running]:
        """The app process with everything in it."""
        command = [sys.executable, "-m", "firstline", "app"]
        url = f"http://127.0.0.1:{self.app_port}"
        return started("app", command, url, "/readyz", self.env, self.folder)
