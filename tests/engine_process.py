"""The real assistant for tests: Rasa and the action server, started from the engine's environment as the product does.

    with running_engine(folder, desk_url) as engine:
        answer = engine.say("17.1", "1", "my printer is dead")

Everything the processes write goes into `folder`. The model is a function of the sources, so that a fresh one is used
wherever it lies; else it is trained once into var/tests/.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.ports import free_port

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ROOT / ".venv-engine" / "bin" / "python"
PRODUCT_MODELS = ROOT / "var" / "models"
TEST_MODELS = ROOT / "var" / "tests" / "models"
_TRAINING_SECONDS = 300
_STARTING_SECONDS = 60


def bot(
    *arguments: str, root: Path = ROOT, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `python -m bot …` to its end, on the sources below `root`."""
    return subprocess.run(
        [PYTHON, "-m", "bot", *arguments],
        cwd=root,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=_TRAINING_SECONDS,
    )


def in_engine(script: str, *arguments: str) -> str:
    """Run a Python script in the engine's environment, from the repository root; return what it prints."""
    done = subprocess.run(
        [PYTHON, "-c", script, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=_TRAINING_SECONDS
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def trained_model() -> Path:
    """Return the folder of a model that matches the sources; train it when there is none."""
    TEST_MODELS.mkdir(parents=True, exist_ok=True)
    # Tests run in several processes: one trains, the others wait for it.
    with (TEST_MODELS.parent / "training.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for folder in (PRODUCT_MODELS, TEST_MODELS):
            if bot("fresh", "--out", str(folder)).returncode == 0:
                return folder
        done = bot("train", "--out", str(TEST_MODELS), "--log", str(TEST_MODELS.parent / "train.log"))
        assert done.returncode == 0, done.stdout + done.stderr
        return TEST_MODELS


@dataclass
class Engine:
    """A running assistant. `environment` is what its processes see; pass the tokens on to a desk that talks to it."""

    folder: Path
    models: Path
    environment: Mapping[str, str]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where the channel listens, without a slash at the end."""
        return f"http://127.0.0.1:{self.environment['FIRSTLINE_ENGINE_PORT']}/webhooks/firstline"

    @property
    def token(self) -> str:
        """What the desk has to know."""
        return self.environment["FIRSTLINE_ENGINE_TOKEN"]

    def say(
        self,
        conversation: str,
        message_id: str,
        text: str = "",
        *,
        choice: str | None = None,
        language: str | None = None,
        style: str = "chat",
        files: int = 0,
    ) -> dict[str, Any]:
        """Send one turn and return the answer; anything but 200 fails the test."""
        response = self.post(
            {
                "conversation": conversation,
                "message_id": message_id,
                "text": text,
                "choice": choice,
                "language": language,
                "channel": "web",
                "style": style,
                "files": files,
                "context": None,
            }
        )
        assert response.status_code == 200, response.text + self.log("serve")
        answer: dict[str, Any] = response.json()
        return answer

    def post(self, body: object, token: str | None = None) -> httpx.Response:
        """Send any body to the turn route; `token` instead of the right one."""
        headers = {"Authorization": f"Bearer {self.token if token is None else token}"}
        return httpx.post(f"{self.url}/turn", json=body, headers=headers, timeout=30)

    def start(self, command: str) -> None:
        """Start "serve" or "actions" and wait until it answers."""
        port, path = {
            "serve": (self.environment["FIRSTLINE_ENGINE_PORT"], "/webhooks/firstline/ready"),
            "actions": (self.environment["FIRSTLINE_ACTIONS_PORT"], "/health"),
        }[command]
        arguments = ["--model", str(self.models)] if command == "serve" else []
        with (self.folder / f"{command}.log").open("ab") as log:
            self.processes[command] = subprocess.Popen(
                [PYTHON, "-m", "bot", command, *arguments],
                cwd=ROOT,
                env={**os.environ, **self.environment},
                stdout=log,
                stderr=log,
            )
        self._wait_for(f"http://127.0.0.1:{port}{path}", command)

    def stop(self, command: str) -> None:
        """Ask a process to end and wait until it did."""
        process = self.processes.pop(command)
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)

    def log(self, command: str) -> str:
        """What a process has written so far."""
        return (self.folder / f"{command}.log").read_text(encoding="utf-8", errors="replace")

    def _wait_for(self, address: str, command: str) -> None:
        deadline = time.monotonic() + _STARTING_SECONDS
        while time.monotonic() < deadline:
            assert self.processes[command].poll() is None, f"{command} ended:\n{self.log(command)}"
            try:
                if httpx.get(address, timeout=5).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)  # nobody listens yet
        raise AssertionError(f"{command} did not start in {_STARTING_SECONDS} s:\n{self.log(command)}")


@contextmanager
def running_engine(
    folder: Path, desk_url: str, commands: Sequence[str] = ("actions", "serve"), models: Path | None = None
) -> Iterator[Engine]:
    """Run engine and actions (or one of them) against the desk at `desk_url`; they end with the block."""
    environment = {
        "FIRSTLINE_ENGINE_TOKEN": secrets.token_urlsafe(16),
        "FIRSTLINE_INTERNAL_TOKEN": secrets.token_urlsafe(16),
        "FIRSTLINE_DESK_URL": desk_url,
        "FIRSTLINE_ENGINE_PORT": str(free_port()),
        "FIRSTLINE_ACTIONS_PORT": str(free_port()),
        "FIRSTLINE_TRACKER_DB": str(folder / "tracker.db"),
        "RASA_TELEMETRY_ENABLED": "false",
    }
    if models is None and "serve" in commands:
        models = trained_model()
    engine = Engine(folder, models or folder, environment)
    try:
        for command in commands:
            engine.start(command)
        yield engine
    finally:
        for command in list(engine.processes):
            engine.stop(command)
