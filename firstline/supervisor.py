"""`make run`: everything that Firstline consists of, on one machine, started in the right order and kept alive.

    ports free? ─┬─► app ─► the page answers ─────────────────────────────┐
                 ├─► admin ensure ────────────────────────────────────────┤
                 └─► model fresh? ─(no)─► train ─► engine, action server ─┴─► /readyz says yes: the addresses are told

The page is up while the assistant still wakes or learns; its messages wait in the inbox. Whoever comes first makes the
tables: the app or `admin ensure`.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from firstline.children import Child, Children, Pace
from firstline.ports import Wanted, ask, complaint
from firstline.settings import Settings
from firstline.terminal import Terminal

ROOT = Path(__file__).resolve().parent.parent
ENGINE_PYTHON = ROOT / ".venv-engine" / "bin" / "python"
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STALE = 3
"""Exit code of ``python -m bot fresh`` when the model does not match its sources."""
LAST_LINES = 15
POLL_SECONDS = 0.1
LOOK_AT_WINDOW_SECONDS = 1


class StartFailedError(Exception):
    """Something without which nothing works went wrong; the message is for the person who started it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The commands of a start. Without `train` there is no assistant on this machine (it runs elsewhere)."""

    admin: Child
    app: Child
    fresh: Child | None
    train: Child | None
    assistant: tuple[Child, ...]
    ports: tuple[Wanted, ...]


def plan_for(settings: Settings, root: Path = ROOT) -> Plan:
    """Return what is to be run for these settings."""
    app_python, engine_python = sys.executable, str(root / ENGINE_PYTHON)
    models = str(settings.data_dir / "models")
    env = {
        "FIRSTLINE_DATA_DIR": str(settings.data_dir),
        "FIRSTLINE_DESK_URL": settings.local_url,
        "FIRSTLINE_ENGINE_PORT": str(settings.engine_port),
        "FIRSTLINE_ENGINE_TOKEN": settings.engine_token.get_secret_value(),
        "FIRSTLINE_ACTIONS_PORT": str(settings.actions_port),
        "FIRSTLINE_INTERNAL_TOKEN": settings.internal_token.get_secret_value(),
        "FIRSTLINE_TRACKER_DB": str(settings.data_dir / "tracker.db"),
        "RASA_TELEMETRY_ENABLED": "false",
        "SANIC_HOST": "127.0.0.1",
    }
    app = Child("app", (app_python, "-m", "firstline", "app"))
    admin = Child("admin", (app_python, "-m", "firstline", "admin", "ensure"))
    app_port = Wanted(settings.host, settings.port, "FIRSTLINE_PORT")
    if not settings.engine_is_ours:
        return Plan(admin, app, None, None, (), (app_port,))

    def bot(name: str, *arguments: str) -> Child:
        return Child(name, (engine_python, "-m", "bot", *arguments), env)

    return Plan(
        admin=admin,
        app=app,
        fresh=bot("fresh", "fresh", "--out", models),
        train=bot("train", "train", "--out", models, "--log", str(settings.data_dir / "log" / "train.log")),
        assistant=(bot("engine", "serve", "--model", models), bot("actions", "actions")),
        ports=(
            app_port,
            Wanted("127.0.0.1", settings.engine_port, "FIRSTLINE_ENGINE_PORT"),
            Wanted("127.0.0.1", settings.actions_port, "FIRSTLINE_ACTIONS_PORT"),
        ),
    )


async def supervise(settings: Settings) -> int:
    """Run Firstline until SIGINT, SIGTERM or SIGHUP; returns the exit code: 0, or 1 when it could not start."""
    return await Supervisor(settings, plan_for(settings), Terminal(sys.stdout)).run()


class Supervisor:
    """One run of `make run`."""

    def __init__(self, settings: Settings, plan: Plan, terminal: Terminal, pace: Pace | None = None) -> None:
        self._settings = settings
        self._plan = plan
        self._terminal = terminal
        self._children = Children(settings.data_dir / "log", ROOT, terminal.say, pace or Pace())
        self._password: str | None = None
        self._began = 0.0

    async def run(self) -> int:
        """Start everything, tell the addresses, wait for a signal, stop everything."""
        complaints = [line for line in map(complaint, self._plan.ports) if line]
        if complaints:
            for line in complaints:
                self._terminal.say(line)
            return 1
        self._began = asyncio.get_running_loop().time()
        self._terminal.say("Firstline is starting; Ctrl-C stops it.")
        failure = None
        async with self._children, _told_to_stop(self._terminal) as stopped:
            start = asyncio.create_task(self._start())
            await asyncio.wait({start, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if start.done():
                failure = _failure(start)
            if not failure:
                await stopped
            start.cancel()
            await asyncio.wait({start})
            self._terminal.done()
            self._terminal.say(failure or "Stopping …")
        self._tell_password()
        self._terminal.say("Stopped.")
        return 1 if failure else 0

    async def _start(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._start_app())
            group.create_task(self._ensure_admin())
            group.create_task(self._start_assistant())
        await self._until_ready()
        settings = self._settings
        self._terminal.say(f"Ready in {self._elapsed():.1f} s.")
        self._terminal.say(f"  Customer page  {settings.public_url}/")
        self._terminal.say(f"  Console        {settings.public_url}/desk")
        self._terminal.say(f"  API docs       {settings.public_url}/api/docs")
        if settings.mail_stays_here:
            self._terminal.say(f"  Mail           {settings.public_url}/channels/email/")
        self._tell_password()

    async def _start_app(self) -> None:
        self._children.keep(self._plan.app)
        while await ask(f"{self._settings.local_url}/healthz") is None:
            await asyncio.sleep(POLL_SECONDS)
        self._terminal.say(f"The customer page is up after {self._elapsed():.1f} s; the assistant is waking up.")

    async def _ensure_admin(self) -> None:
        """Make the first administrator if there is none; what is wrong with the database shows here as well."""
        code, output = await self._children.run(self._plan.admin)
        if code:
            raise StartFailedError(self._broken("The database could not be made ready", "admin", output))
        self._password = json.loads(output)["password"]

    async def _start_assistant(self) -> None:
        """Train the model if it is missing or stale, then start the engine and the action server."""
        if self._plan.fresh and self._plan.train:
            code, output = await self._children.run(self._plan.fresh)
            if code == STALE:
                await self._train(self._plan.train)
            elif code:
                raise StartFailedError(self._broken("The model could not be checked", "fresh", output))
        for child in self._plan.assistant:
            self._children.keep(child)

    async def _train(self, train: Child) -> None:
        began = self._elapsed()
        ticking = asyncio.create_task(self._tick("The assistant learns its procedures", began))
        try:
            code, output = await self._children.run(train)
        finally:
            ticking.cancel()
            self._terminal.done()
        if code:
            raise StartFailedError(self._broken("The training failed", "train", output))
        self._terminal.say(f"The assistant has learned its procedures ({self._elapsed() - began:.0f} s).")

    async def _tick(self, text: str, began: float) -> None:
        while True:
            self._terminal.progress(f"{text} … {self._elapsed() - began:.0f} s")
            await asyncio.sleep(1)

    async def _until_ready(self) -> None:
        """Wait for /readyz; said once when it takes too long, because a restart may still mend it."""
        patience = self._elapsed() + self._settings.engine_wake_seconds
        told = False
        while True:
            answer = await ask(f"{self._settings.local_url}/readyz")
            if answer and answer[0] == 200:
                return
            if not told and self._elapsed() > patience:
                told = True
                missing = answer[1] if answer else "the app does not answer"
                logs = self._children.log_path("app").parent
                self._terminal.say(f"Not ready after {self._elapsed():.0f} s: {missing} (see {logs})")
            await asyncio.sleep(POLL_SECONDS)

    def _tell_password(self) -> None:
        """Tell the first administrator's password: it is told in any case, because it is not kept anywhere."""
        if self._password:
            self._terminal.say(f"  Administrator  {self._settings.admin_email}, one-time password: {self._password}")
            self._password = None

    def _broken(self, what: str, name: str, output: str) -> str:
        log = self._children.log_path(name)
        if not output:  # the command could not say what is wrong: the end of its log may
            with log.open(errors="replace") as lines:
                output = "".join(deque(lines, LAST_LINES)).rstrip()
        return f"{what} (see {log}):\n{output}"

    def _elapsed(self) -> float:
        return asyncio.get_running_loop().time() - self._began


def _failure(start: asyncio.Task[None]) -> str | None:
    """Return why the start failed; anything but `StartFailedError` is a bug and is raised."""
    error = start.exception()
    if isinstance(error, BaseExceptionGroup):
        expected, bugs = error.split(StartFailedError)
        if bugs:
            raise bugs
        return "\n".join(str(one) for one in expected.exceptions) if expected else None
    if error:
        raise error
    return None


@asynccontextmanager
async def _told_to_stop(terminal: Terminal) -> AsyncIterator[asyncio.Task[None]]:
    """Give a task that ends with the first signal to stop; further ones are ignored, for stopping takes 5 s at most.

    A closed window counts as well: its SIGHUP goes to the session's leader only, and make, for one, keeps it to itself.
    """
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # under nohup a closed terminal is to be survived
            loop.add_signal_handler(number, stop.set)

    async def wait() -> None:
        while not stop.is_set() and not terminal.closed():
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), LOOK_AT_WINDOW_SECONDS)

    stopped = asyncio.create_task(wait())
    try:
        yield stopped
    finally:
        stopped.cancel()
