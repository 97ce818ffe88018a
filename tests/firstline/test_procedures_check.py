"""`procedures check`: what an author is told, and where."""

from __future__ import annotations

from pathlib import Path

import pytest

from firstline.__main__ import main
from tests.firstline.procedures_command import ROOT, Command, folder, procedures

__all__ = ["folder", "procedures"]


def test_procedures_in_which_nothing_is_wrong_are_counted(procedures: Command) -> None:
    ended = procedures("check")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.count("\n") == 1
    assert "3 procedures (1 shared)" in ended.out
    assert "en, nl" in ended.out


def test_every_problem_is_a_line_with_a_file_that_an_editor_opens(procedures: Command, folder: Path) -> None:
    lamp, kettle = folder / "lamp.yml", folder / "kettle.yml"
    lamp.write_text(lamp.read_text(encoding="utf-8").replace("yes: solved", "yes: sloved"), encoding="utf-8")
    kettle.write_text(kettle.read_text(encoding="utf-8").replace("no: kind", "no: knid"), encoding="utf-8")
    ended = procedures("check")
    assert ended.code == 1
    places = [line.split(": ")[0] for line in ended.out.splitlines()]
    assert [place.rpartition(":")[0] for place in places] == [str(kettle), str(lamp)]
    assert "did you mean “solved”?" in ended.out


def test_broken_yaml_is_a_problem_like_any_other(procedures: Command, folder: Path) -> None:
    (folder / "lamp.yml").write_text("id: [lamp\n", encoding="utf-8")
    ended = procedures("check")
    assert ended.code == 1
    assert ended.out.startswith(f"{folder / 'lamp.yml'}:")


def test_a_vocabulary_that_is_missing_is_told_by_its_name(procedures: Command, folder: Path) -> None:
    (folder / "_vocabulary.yml").unlink()
    ended = procedures("check")
    assert ended.code == 1
    assert ended.out.splitlines()[0].startswith("_vocabulary.yml:1: ")


def test_a_folder_that_is_missing_is_wrong_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    assert main(["procedures", "check", "--folder", str(tmp_path / "nowhere")]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert f"no folder “{tmp_path / 'nowhere'}”" in err


def test_neither_settings_nor_secrets_are_needed(
    procedures: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRSTLINE_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("FIRSTLINE_PORT", "no number")
    assert procedures("check").code == 0
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize("action", ["graph", "play", "paths"])
def test_nothing_is_drawn_played_or_counted_of_procedures_with_problems(
    procedures: Command, folder: Path, action: str
) -> None:
    (folder / "lamp.yml").write_text("id: lamp\n", encoding="utf-8")
    ended = procedures(action, "kettle")
    assert ended.code == 1
    assert "lamp.yml:1: " in ended.out


@pytest.mark.parametrize("action", ["graph", "play", "paths"])
def test_a_name_that_is_unknown_gets_the_one_that_was_meant(procedures: Command, action: str) -> None:
    ended = procedures(action, "ketle")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == "firstline: no procedure “ketle”; did you mean “kettle”?\n"


def test_a_name_like_no_other_gets_them_all(procedures: Command) -> None:
    assert "there are kettle, lamp, pause" in procedures("graph", "zzz").err
