"""A procedure as a picture: the source text of a Mermaid flowchart or of a Graphviz graph.

Every step is a node, with a shape and a colour for its kind; its id stands above a few words of it. Answers that lead
to the same step share an edge. Edges that no answer names ("otherwise", "skip") are called as `labels` calls them.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass

from bot.procedures.model import TURN_STEPS, Ask, Branch, Call, Catalogue, Instruct, Procedure, Step, edges, kind
from bot.procedures.trace import title_of

_LINE = 28
"""Letters of a Graphviz node in one line; Mermaid breaks lines by itself."""


@dataclass(frozen=True)
class _Look:
    """A kind's shape, and its colours; the text on them is nearly black."""

    mermaid: tuple[str, str]
    dot: str
    fill: str
    line: str


_LOOKS = {
    "ask": _Look(("{{", "}}"), "shape=hexagon", "#dbeafe", "#1d4ed8"),
    "instruct": _Look(("[", "]"), "shape=box", "#fef9c3", "#a16207"),
    "check": _Look(("(", ")"), 'shape=box, style="filled,rounded"', "#e0e7ff", "#4338ca"),
    "say": _Look((">", "]"), "shape=note", "#f3f4f6", "#4b5563"),
    "branch": _Look(("{", "}"), "shape=diamond", "#f3f4f6", "#4b5563"),
    "call": _Look(("[[", "]]"), "shape=box, peripheries=2", "#f3e8ff", "#7e22ce"),
    "do": _Look(("[/", "/]"), "shape=parallelogram", "#ffedd5", "#c2410c"),
    "resolve": _Look(("([", "])"), "shape=ellipse", "#dcfce7", "#15803d"),
    "escalate": _Look(("[\\", "/]"), "shape=octagon", "#fee2e2", "#b91c1c"),
    "return": _Look(("((", "))"), "shape=circle", "#f3f4f6", "#4b5563"),
}
_INK = "#111827"


@dataclass(frozen=True)
class Node:
    """A step: `name` is safe in any graph language; `title` is a few words for it, "" where it has none."""

    name: str
    kind: str
    step: str
    title: str


@dataclass(frozen=True)
class Edge:
    """From one node's name to another's; "" when there is nothing to choose."""

    source: str
    target: str
    label: str


@dataclass(frozen=True)
class Diagram:
    """A procedure as nodes and edges, in one language; the first node is where it starts."""

    title: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def diagram(catalogue: Catalogue, procedure: Procedure, language: str, labels: Mapping[str, str]) -> Diagram:
    """`labels`: what edges are called that no answer names, by the field's name in YAML: skip, error, otherwise, and
    the next of an open question."""
    steps = [procedure.steps[procedure.start], *(s for s in procedure.steps.values() if s.id != procedure.start)]
    names = {step.id: f"s{number}" for number, step in enumerate(steps, 1)}
    nodes = tuple(Node(names[s.id], kind(s), s.id, _title(catalogue, s, language)) for s in steps)
    found: dict[tuple[str, str], list[str]] = {}
    for step in steps:
        for field, target in edges(step):
            said = found.setdefault((names[step.id], names[target]), [])
            label = _label(catalogue, step, field, language, labels)
            if label and label not in said:
                said.append(label)
    return Diagram(
        procedure.title.to(language),
        nodes,
        tuple(Edge(source, target, " / ".join(said)) for (source, target), said in found.items()),
    )


def mermaid(picture: Diagram) -> str:
    """A flowchart as Mermaid reads it, with a newline at its end."""
    lines = ["---", f'title: "{_quoted(picture.title)}"', "---", "flowchart TD"]
    for node in picture.nodes:
        before, after = _LOOKS[node.kind].mermaid
        words = "<br/>".join(_mermaid(part) for part in (node.step, node.title) if part)
        lines.append(f'  {node.name}{before}"{words}"{after}:::{node.kind}_')
    for edge in picture.edges:
        label = f'|"{_mermaid(edge.label)}"|' if edge.label else ""
        lines.append(f"  {edge.source} -->{label} {edge.target}")
    for name in dict.fromkeys(node.kind for node in picture.nodes):
        look = _LOOKS[name]
        lines.append(f"  classDef {name}_ fill:{look.fill},stroke:{look.line},color:{_INK}")
    return "\n".join(lines) + "\n"


def dot(picture: Diagram) -> str:
    """A directed graph as Graphviz reads it, with a newline at its end."""
    lines = [
        "digraph procedure {",
        f'  graph [label="{_quoted(picture.title)}", labelloc=t, fontname="sans-serif", fontsize=18, nodesep=0.4]',
        f'  node [fontname="sans-serif", fontsize=11, fontcolor="{_INK}", style=filled]',
        f'  edge [fontname="sans-serif", fontsize=10, fontcolor="{_INK}"]',
    ]
    for node in picture.nodes:
        look = _LOOKS[node.kind]
        words = "\\n".join((_quoted(node.step), *(_quoted(line) for line in textwrap.wrap(node.title, _LINE))))
        lines.append(f'  {node.name} [label="{words}", {look.dot}, fillcolor="{look.fill}", color="{look.line}"]')
    for edge in picture.edges:
        words = "\\n".join(_quoted(line) for line in textwrap.wrap(edge.label, _LINE))
        lines.append(f'  {edge.source} -> {edge.target} [label="{words}"]')
    return "\n".join([*lines, "}"]) + "\n"


def _title(catalogue: Catalogue, step: Step, language: str) -> str:
    if step.label is None and isinstance(step, Call):
        return catalogue.procedures[step.procedure].title.to(language)
    if step.label is None and isinstance(step, Branch):
        return f"{step.fact}?"
    words = title_of(step, language)
    return "" if words == step.id else words


def _label(catalogue: Catalogue, step: Step, field: str, language: str, labels: Mapping[str, str]) -> str:
    """The title of the answer, of the fact's answer, or what the field is called."""
    if isinstance(step, TURN_STEPS):
        choice = step.choice(field)
        if choice is not None:
            alone = isinstance(step, Instruct) and len(step.choices) == 1
            return "" if alone else choice.option.title.to(language)
    if isinstance(step, Branch) and field in step.cases:
        return catalogue.fact_title(step.fact, field).to(language)
    if field == "unknown":
        return catalogue.sentences["button_unknown"].to(language)
    if field == "next":
        return labels.get("next", "") if isinstance(step, Ask) else ""
    return labels.get(field, field)


def _mermaid(text: str) -> str:
    """Text for between quotes. A number or a dash at the beginning would be taken for a list."""
    plain = " ".join(text.split())
    safe = re.sub(r"[\"#<>&`\\]", lambda found: f"#{ord(found[0])};", plain)
    return re.sub(r"^(\d+)([.)]) |^([-*+]) ", lambda m: f"{m[1] or ''}#{ord(m[2] or m[3])}; ", safe)


def _quoted(text: str) -> str:
    """Text for between quotes, as YAML and Graphviz escape it."""
    return " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"')
