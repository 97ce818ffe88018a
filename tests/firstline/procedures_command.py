"""A folder of procedures as an author has it, and the command line on it."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from firstline.__main__ import main
from tests.bot.procedures.conftest import KETTLE, LAMP, PAUSE, VOCABULARY

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Ended:
    """A command that has run."""

    code: int
    out: str
    err: str


Command = Callable[..., Ended]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The kettle, the pause that it calls, and the lamp."""
    path = tmp_path / "procedures"
    path.mkdir()
    for name, text in {"_vocabulary": VOCABULARY, "kettle": KETTLE, "pause": PAUSE, "lamp": LAMP}.items():
        (path / f"{name}.yml").write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def procedures(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run ``firstline procedures <arguments>`` on the folder; each of `typed` is a line of stdin."""

    def _run(*arguments: str, typed: tuple[str, ...] = ()) -> Ended:
        monkeypatch.chdir(ROOT)
        monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in typed)))
        code = main(["procedures", *arguments, "--folder", str(folder)])
        out, err = capsys.readouterr()
        return Ended(code, out, err)

    return _run
