"""The diagnosis of a conversation as lines of text, in the words in which technicians read it in the console."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from bot.procedures import trace
from bot.procedures.model import Catalogue
from bot.procedures.state import State
from desk.console.texts import load
from desk.wording import Texts
from firstline.procedures.texts import texts

_PLAIN = ("answered", "done")
"""Results that an answer tells by itself."""


def diagnosis(catalogue: Catalogue, state: State, language: str) -> list[str]:
    """A heading, then every run with its steps, what was not tried, the facts and the note."""
    console, words = load()[language], texts(language)
    runs = trace.procedures(catalogue, state, language)
    lines = [f"--- {console('case.diagnosis')} ---"]
    for run in runs:
        pending = trace.title_of(catalogue.step(*state.run(run["run"]).spot), language)
        lines += ["", *_run(run, pending, console, words)]
    return lines if runs else [*lines, "", words["nothing"]]


def _run(run: dict[str, Any], pending: str, console: Texts, words: dict[str, str]) -> Iterator[str]:
    """`pending`: a few words for the step that was reached."""
    version = words["version"].format(version=run["version"])
    yield f"{run['title']} ({run['procedure']}, {version}): {console.label('run_state', run['state'])}"
    for step in run["steps"]:
        yield f"  {step['position']}. {_one_line(step['question'])} → {_answer(step, console)}"
    if not run["steps"]:
        yield f"  {console('case.no_steps')}"
    if run["pending"]:
        yield f"  {console('case.unanswered')}: {pending}"
    untried = (each["title"] for each in run["untried"] if each["step"] != run["pending"])
    yield from _list(console("case.untried"), dict.fromkeys(untried))
    yield from _list(console("case.facts"), _facts(run["facts"], console))
    if run["note"]:
        yield f"  {words['note']}: {_one_line(run['note'])}"


def _facts(facts: dict[str, str], console: Texts) -> Iterator[str]:
    for name, value in facts.items():
        said = console(f"value.{value}") if console.has(f"value.{value}") else value
        yield f"{console.label('fact', name)}: {said}"


def _list(heading: str, items: Iterable[str]) -> Iterator[str]:
    for position, item in enumerate(items):
        if position == 0:
            yield f"  {heading}:"
        yield f"    - {item}"


def _answer(step: dict[str, Any], console: Texts) -> str:
    result = console.label("result", step["result"])
    answer = step["answer_text"] or step["answer"]
    if not answer:
        return result
    return str(answer) if step["result"] in _PLAIN else f"{answer} ({result})"


def _one_line(text: str) -> str:
    return " ".join(text.split())
