"""Children are kept alive, logged and stopped."""

import asyncio
import re
import sys
from pathlib import Path

import pytest

from firstline.children import Child, Children, Pace
from tests.firstline.processes import pids

STUB = str(Path(__file__).with_name("stub_child.py"))


class Said:
    """Keeps the lines, and lets a test wait for the next ones."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._more = asyncio.Event()

    def __call__(self, line: str) -> None:
        self.lines.append(line)
        self._more.set()

    async def count(self, number: int) -> list[str]:
        async with asyncio.timeout(30):
            while len(self.lines) < number:
                self._more.clear()
                await self._more.wait()
        return self.lines[:number]


def stub(folder: Path, name: str, *character: str) -> Child:
    return Child(name, (sys.executable, "-I", "-S", STUB, str(folder), name, *character))


def pauses(lines: list[str]) -> list[str]:
    return [found[1] for line in lines if (found := re.search(r"again in ([\d.]+) s", line))]


async def test_a_dead_child_is_started_again_after_growing_pauses(tmp_path: Path) -> None:
    said = Said()
    async with Children(tmp_path / "log", tmp_path, said, Pace(back_off=(0.01, 0.02, 0.03))) as children:
        children.keep(stub(tmp_path, "engine", "crash"))
        lines = await said.count(4)
    assert pauses(lines) == ["0.01", "0.02", "0.03", "0.03"]
    assert lines[0] == (
        f"engine ended with exit code 3; it is started again in 0.01 s (see {tmp_path / 'log/engine.log'})"
    )
    assert len(pids(tmp_path)) >= 4


async def test_a_child_that_lived_long_enough_begins_with_the_shortest_pause_again(tmp_path: Path) -> None:
    said = Said()
    pace = Pace(back_off=(0.01, 0.02), healthy_after=0)
    async with Children(tmp_path / "log", tmp_path, said, pace) as children:
        children.keep(stub(tmp_path, "engine", "crash"))
        assert pauses(await said.count(3)) == ["0.01", "0.01", "0.01"]


async def test_a_program_that_is_missing_is_said_and_tried_again(tmp_path: Path) -> None:
    said = Said()
    async with Children(tmp_path / "log", tmp_path, said, Pace(back_off=(0.01,))) as children:
        children.keep(Child("engine", ("/nowhere/python",)))
        lines = await said.count(2)
    assert "engine cannot be started (/nowhere/python: No such file or directory)" in lines[0]


async def test_a_stop_does_not_wait_for_a_pause_to_end(tmp_path: Path) -> None:
    said = Said()
    async with asyncio.timeout(30), Children(tmp_path / "log", tmp_path, said, Pace(back_off=(600,))) as children:
        children.keep(stub(tmp_path, "engine", "crash"))
        await said.count(1)
    assert len(said.lines) == 1


async def test_a_stopped_child_is_not_called_dead(tmp_path: Path) -> None:
    said = Said()
    async with Children(tmp_path / "log", tmp_path, said, Pace()) as children:
        children.keep(stub(tmp_path, "engine", "stay"))
        async with asyncio.timeout(30):
            while not pids(tmp_path):
                await asyncio.sleep(0.01)
    assert said.lines == []
    assert not pids(tmp_path, alive=True)


async def test_the_output_of_restarts_stays_in_one_log_and_older_runs_are_moved_on(tmp_path: Path) -> None:
    for _ in range(5):
        said = Said()
        async with Children(tmp_path / "log", tmp_path, said, Pace(back_off=(0.01,))) as children:
            children.keep(stub(tmp_path, "engine", "crash"))
            await said.count(2)
    assert sorted(path.name for path in (tmp_path / "log").iterdir()) == [
        "engine.log",
        "engine.log.1",
        "engine.log.2",
        "engine.log.3",
    ]
    assert (tmp_path / "log/engine.log").read_text().count("engine has started") >= 2


async def test_a_command_gives_its_exit_code_and_what_it_wrote(tmp_path: Path) -> None:
    async with Children(tmp_path / "log", tmp_path, Said(), Pace()) as children:
        assert await children.run(stub(tmp_path, "admin", "speak", "hello")) == (0, "hello")
        code, _ = await children.run(stub(tmp_path, "admin", "exit", "7"))
        missing = await children.run(Child("admin", ("/nowhere/python",)))
    assert code == 7
    assert missing == (127, "/nowhere/python: No such file or directory")
    assert "admin says why" in (tmp_path / "log/admin.log").read_text()


async def test_a_child_gets_its_own_environment_beside_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OURS", "one")
    code = "import os; print(os.environ['OURS'], os.environ['ITS'])"
    async with Children(tmp_path / "log", tmp_path, Said(), Pace()) as children:
        assert await children.run(Child("child", (sys.executable, "-c", code), {"ITS": "two"})) == (0, "one two")
