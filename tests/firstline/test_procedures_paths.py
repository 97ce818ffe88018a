"""`procedures paths`: how many ways there are, how long they are and where they end."""

from __future__ import annotations

import json

import pytest

from tests.firstline.procedures_command import Command, folder, procedures

__all__ = ["folder", "procedures"]


def _rows(table: str) -> dict[str, list[str]]:
    """The cells of every line by the first of them."""
    return {cells[0]: cells[1:] for line in table.splitlines() if (cells := line.split())}


def test_every_way_of_a_procedure_is_counted(procedures: Command) -> None:
    ended = procedures("paths", "lamp")
    assert (ended.code, ended.err) == (0, "")
    header, lamp = ended.out.splitlines()
    assert header.split() == ["procedure", "steps", "questions", "ways", "shortest", "longest", "resolved", "escalated"]
    assert lamp.split() == ["lamp", "3", "1", "2", "2", "2", "1", "1"]


def test_a_shared_procedure_has_no_ways_of_its_own(procedures: Command) -> None:
    rows = _rows(procedures("paths").out)
    assert rows["pause"] == ["(shared)", "3", "2", *["–"] * 5]


def test_the_last_line_is_the_total(procedures: Command) -> None:
    ended = procedures("paths")
    data = json.loads(procedures("paths", "--json").out)
    total = data["total"]
    assert ended.out.splitlines()[-1].split()[:5] == [
        "total:", "3", str(total["steps"]), str(total["questions"]), str(total["ways"])
    ]  # fmt: skip
    for name in ("steps", "questions", "ways", "resolved", "escalated"):
        assert total[name] == sum(each[name] for each in data["procedures"])


def test_json_has_the_same_numbers(procedures: Command) -> None:
    (lamp,) = json.loads(procedures("paths", "lamp", "--json").out)["procedures"]
    assert lamp == {
        "procedure": "lamp", "shared": False, "steps": 3, "questions": 1, "ways": 2, "shortest": 2, "longest": 2,
        "resolved": 1, "escalated": 1, "complete": True,
    }  # fmt: skip


def test_counting_stops_at_the_limit_and_says_so(procedures: Command) -> None:
    ended = procedures("paths", "--limit", "2")
    rows = _rows(ended.out)
    assert rows["kettle"][2:4] == [">", "2"]
    assert rows["lamp"][2] == "2"
    assert "more than that" in ended.out
    data = json.loads(procedures("paths", "--json", "--limit", "2").out)
    assert [each["complete"] for each in data["procedures"]] == [False, True, True]
    assert data["total"]["complete"] is False


def test_a_limit_of_nothing_is_wrong_use(procedures: Command) -> None:
    with pytest.raises(SystemExit) as ended:
        procedures("paths", "--limit", "0")
    assert ended.value.code == 2
