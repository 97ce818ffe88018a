"""`make run` as a whole: a real supervisor process over real, small children."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from firstline.ports import Wanted, complaint
from firstline.settings import read_settings
from firstline.supervisor import Plan, Supervisor, plan_for
from firstline.terminal import Terminal
from tests.firstline.processes import pids
from tests.waiting import wait_until

Start = Callable[..., subprocess.Popen[str]]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[subprocess.Popen[str]] = []

    def start(stdout: int = subprocess.PIPE, **characters: list[str]) -> subprocess.Popen[str]:
        plan = {
            "admin": ["speak", '{"email": "admin@firstline.local", "password": "one-time"}'],
            "app": ["serve", str(free_port())],
            "fresh": ["exit", "0"],
            "train": ["exit", "0"],
            "engine": ["stay"],
            "actions": ["stay"],
        }
        command = [
            sys.executable,
            "-m",
            "tests.firstline.stub_supervisor",
            str(tmp_path),
            json.dumps(plan | characters),
        ]
        process = subprocess.Popen(command, stdout=stdout, stderr=subprocess.STDOUT, text=True, start_new_session=True)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def read_until(process: subprocess.Popen[str], sign: str) -> str:
    """Return what the process writes up to the line with that sign; fails with all of it when it ends before."""
    assert process.stdout
    lines = []
    for line in process.stdout:
        lines.append(line)
        if sign in line:
            return "".join(lines)
    raise AssertionError("".join(lines))


def test_a_start_ends_with_the_addresses_and_the_first_password(start: Start) -> None:
    told = read_until(start(), "one-time password")
    assert "Ready in" in told
    for address in ("/\n", "/desk\n", "/api/docs\n"):
        assert address in told
    assert "admin@firstline.local, one-time password: one-time" in told


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_all_within_five_seconds_even_a_child_that_ignores_it(
    start: Start, tmp_path: Path, number: signal.Signals
) -> None:
    process = start(engine=["stubborn"], actions=["parent"])
    read_until(process, "one-time password")
    wait_until(lambda: len(pids(tmp_path)) == 6)  # admin, fresh, app, engine, actions and its child
    began = time.monotonic()
    process.send_signal(number)
    assert process.wait(5) == 0
    assert time.monotonic() - began < 5
    assert not pids(tmp_path, alive=True)


def test_a_closed_window_stops_all_even_when_no_signal_tells_of_it(start: Start, tmp_path: Path) -> None:
    window, inner = os.openpty()
    process = start(stdout=inner)
    os.close(inner)
    wait_until(lambda: len(pids(tmp_path, alive=True)) == 3)
    os.close(window)
    assert process.wait(30) == 0
    assert not pids(tmp_path, alive=True)


def test_a_killed_supervisor_leaves_no_children(start: Start, tmp_path: Path) -> None:
    process = start(actions=["parent"])
    read_until(process, "one-time password")
    wait_until(lambda: len(pids(tmp_path, alive=True)) == 4)
    process.kill()
    wait_until(lambda: not pids(tmp_path, alive=True))


def test_a_stale_model_is_trained_before_the_engine_starts(start: Start, tmp_path: Path) -> None:
    told = read_until(start(fresh=["exit", "3"]), "Ready in")
    assert "The assistant learns its procedures … 0 s" in told
    assert (tmp_path / "train.pid").exists()


def test_a_fresh_model_is_not_trained_again(start: Start, tmp_path: Path) -> None:
    read_until(start(), "Ready in")
    assert not (tmp_path / "train.pid").exists()


def test_a_failed_training_shows_the_end_of_its_log(start: Start, tmp_path: Path) -> None:
    process = start(fresh=["exit", "3"], train=["exit", "1"])
    told, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert f"The training failed (see {tmp_path / 'log/train.log'}):\ntrain says why" in told
    assert not pids(tmp_path, alive=True)


def test_a_database_that_cannot_be_made_ready_is_said_with_its_reason(start: Start) -> None:
    process = start(admin=["exit", "1"])
    told, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "The database could not be made ready" in told
    assert "admin says why" in told


def test_a_signal_during_training_stops_the_training(start: Start, tmp_path: Path) -> None:
    process = start(fresh=["exit", "3"], train=["stay"])
    wait_until((tmp_path / "train.pid").exists)
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0
    assert not pids(tmp_path, alive=True)


def test_an_app_that_never_gets_ready_is_said_once_with_where_to_look(start: Start, tmp_path: Path) -> None:
    told = read_until(start(app=["unready", str(free_port())]), "Not ready after")
    assert "engine is asleep" in told
    assert str(tmp_path / "log") in told


def test_a_busy_port_is_named_with_its_owner_and_the_setting(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        settings, _ = read_settings(
            {"FIRSTLINE_PORT": str(port), "FIRSTLINE_DATA_DIR": str(tmp_path)}, tmp_path / ".env"
        )
        plan = plan_for(settings)
        plan = Plan(plan.admin, plan.app, None, None, (), ports=plan.ports[:1])
        code = asyncio.run(Supervisor(settings, plan, Terminal(sys.stdout)).run())
    told = capsys.readouterr().out
    assert code == 1
    assert f"Port {port} is in use by process {os.getpid()} (" in told
    assert "set FIRSTLINE_PORT to a free port" in told


def test_a_free_port_is_no_complaint() -> None:
    assert complaint(Wanted("127.0.0.1", free_port(), "FIRSTLINE_PORT")) is None


def test_an_address_of_another_machine_is_a_complaint_about_the_host() -> None:
    told = complaint(Wanted("192.0.2.1", free_port(), "FIRSTLINE_PORT"))
    assert told
    assert "FIRSTLINE_HOST" in told


def test_the_engine_gets_its_tokens_and_stays_on_this_machine(tmp_path: Path) -> None:
    settings, _ = read_settings({"FIRSTLINE_DATA_DIR": str(tmp_path), "FIRSTLINE_HOST": "0.0.0.0"}, tmp_path / ".env")
    for child in plan_for(settings).assistant:
        assert child.env["FIRSTLINE_ENGINE_TOKEN"] == settings.engine_token.get_secret_value()
        assert child.env["FIRSTLINE_INTERNAL_TOKEN"] == settings.internal_token.get_secret_value()
        assert child.env["FIRSTLINE_DESK_URL"] == "http://127.0.0.1:8000"
        assert child.env["SANIC_HOST"] == "127.0.0.1"
        assert child.env["RASA_TELEMETRY_ENABLED"] == "false"


def test_with_an_engine_elsewhere_only_the_app_runs_here(tmp_path: Path) -> None:
    environ = {"FIRSTLINE_DATA_DIR": str(tmp_path), "FIRSTLINE_ENGINE_URL": "http://engine.example.org:5005"}
    settings, _ = read_settings(environ, tmp_path / ".env")
    plan = plan_for(settings)
    assert plan.train is None
    assert plan.assistant == ()
    assert [wanted.setting for wanted in plan.ports] == ["FIRSTLINE_PORT"]
