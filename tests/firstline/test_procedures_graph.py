"""`procedures graph`: the drawing of a procedure."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from bot.procedures.graph import Diagram, Edge, Node, dot, mermaid
from bot.procedures.procedure_file import KINDS
from tests.firstline.procedures_command import Command, folder, procedures

__all__ = ["folder", "procedures"]

NASTY = '1. Say "hi" <b>#1;</b> & `this` C:\\new | ] ) } end'


def _nodes(drawing: str) -> dict[str, str]:
    """Every node's definition by the id of its step."""
    found = re.finditer(r'^  s\d+\W+"(\w+).*$', drawing, re.MULTILINE)
    return {each[1]: each[0].strip() for each in found}


def _edges(drawing: str) -> set[tuple[str, str, str]]:
    """(step, label, step)."""
    names = {definition.split('"')[0].rstrip("{[(>/\\"): step for step, definition in _nodes(drawing).items()}
    arrows = re.finditer(r'^  (s\d+) -->(?:\|"(.*)"\|)? (s\d+)$', drawing, re.MULTILINE)
    return {(names[each[1]], each[2] or "", names[each[3]]) for each in arrows}


def test_every_step_is_a_node_with_the_shape_of_its_kind(procedures: Command) -> None:
    ended = procedures("graph", "kettle")
    assert (ended.code, ended.err) == (0, "")
    nodes = _nodes(ended.out)
    assert nodes["kind"].endswith('{{"kind<br/>Which kind is it?"}}:::ask_')
    assert nodes["plug"].endswith('["plug<br/>Plug it in"]:::instruct_')
    assert nodes["works"].endswith('("works<br/>Does it boil?"):::check_')
    assert nodes["sort"].endswith('{"sort<br/>kettle_kind?"}:::branch_')
    assert nodes["rest"].endswith('[["rest<br/>Pause"]]:::call_')
    assert nodes["measure"].endswith('[/"measure"/]:::do_')
    assert nodes["solved"].endswith('(["solved<br/>It is warm."]):::resolve_')
    assert nodes["person"].endswith('[\\"person<br/>Somebody comes."/]:::escalate_')


def test_edges_are_called_by_the_answers_and_those_that_lead_to_one_step_are_one(procedures: Command) -> None:
    edges = _edges(procedures("graph", "kettle").out)
    assert {("plugged", "Yes", "kind"), ("plugged", "No", "plug"), ("kind", "Steel / Glass", "sort")} <= edges
    assert {("sort", "Steel", "descale"), ("sort", "otherwise", "rest"), ("measure", "failed", "person")} <= edges
    assert {("descale", "", "rest"), ("rest", "", "place")} <= edges
    (answers,) = {label for step, label, _ in edges if step == "place"}
    assert {"any answer", "I don't know", "skipped"} == set(answers.split(" / "))


def test_the_procedure_is_drawn_in_dutch_too(procedures: Command) -> None:
    drawing = procedures("graph", "kettle", "--language", "nl").out
    assert drawing.startswith('---\ntitle: "Waterkoker blijft koud"\n---\nflowchart TD\n')
    assert ("plugged", "Nee", "plug") in _edges(drawing)
    assert "Er komt iemand." in drawing


def test_the_first_node_is_where_the_procedure_starts(procedures: Command) -> None:
    assert next(iter(_nodes(procedures("graph", "kettle").out))) == "plugged"


def test_every_kind_of_step_can_be_drawn() -> None:
    picture = Diagram("All", tuple(Node(f"s{i}", kind, kind, "text") for i, kind in enumerate(KINDS)), ())
    assert all(f":::{kind}_" in mermaid(picture) and kind in dot(picture) for kind in KINDS)


def test_no_text_can_break_out_of_its_quotes() -> None:
    picture = Diagram(NASTY, (Node("s1", "ask", "end", NASTY),), (Edge("s1", "s1", NASTY),))
    said = "1. Say #34;hi#34; #60;b#62;#35;1;#60;/b#62; #38; #96;this#96; C:#92;new | ] ) } end"
    assert f'  s1{{{{"end<br/>{said.replace("1.", "1#46;", 1)}"}}}}:::ask_\n' in mermaid(picture)
    graph = dot(picture)
    assert '\\"hi\\"' in graph
    assert "C:\\\\new" in graph


def test_the_drawing_goes_to_a_file(procedures: Command, tmp_path: Path) -> None:
    file = tmp_path / "kettle.mmd"
    printed = procedures("graph", "kettle").out
    ended = procedures("graph", "kettle", "--output", str(file))
    assert (ended.code, ended.out) == (0, "")
    assert file.read_text(encoding="utf-8") == printed


def test_a_file_that_cannot_be_written_is_told(procedures: Command, tmp_path: Path) -> None:
    ended = procedures("graph", "kettle", "--output", str(tmp_path / "nowhere" / "kettle.mmd"))
    assert ended.code == 1
    assert "cannot write" in ended.err
    assert "kettle.mmd" in ended.err


def test_svg_without_graphviz_tells_what_to_do(
    procedures: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    ended = procedures("graph", "kettle", "--format", "svg")
    assert (ended.code, ended.out) == (1, "")
    assert "`dot`" in ended.err
    assert "--format mermaid" in ended.err


def test_a_dot_that_fails_is_told_with_its_words(
    procedures: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "dot"
    program.write_text("#!/bin/sh\necho no fonts >&2\nexit 1\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    ended = procedures("graph", "kettle", "--format", "svg")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == "firstline: `dot` failed: no fonts\n"


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
def test_a_file_named_svg_becomes_a_picture_with_every_step(procedures: Command, tmp_path: Path) -> None:
    file = tmp_path / "kettle.svg"
    assert procedures("graph", "kettle", "--output", str(file)).code == 0
    picture = file.read_text(encoding="utf-8")
    assert "</svg>" in picture
    assert all(f">{text}</text>" in picture for text in ("plugged", "kind", "person", "Steel / Glass"))
