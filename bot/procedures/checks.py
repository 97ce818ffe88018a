"""Whether a catalogue can be walked: every edge leads somewhere, every step is reached, every way ends, and no circle
goes round without the customer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import TypeVar

from bot.procedures.match import phrases_of
from bot.procedures.model import (
    END_STEPS,
    TURN_STEPS,
    Ask,
    Branch,
    Call,
    Catalogue,
    Do,
    Instruct,
    Procedure,
    Return,
    Step,
    edges,
    placeholders,
    successors,
)
from bot.procedures.nodes import Problem

Lines = Mapping[tuple[str, str], tuple[str, int]]
Say = Callable[[str, str], Problem]

REQUIRED_SENTENCES = (
    "intro", "noted", "digress", "resume", "corrected", "back", "nothing_before", "cancelled", "restarted",
    "nothing_pending", "not_solved_yet", "declined", "returned", "secret_seen", "glad", "unsolved", "no_help",
    "old_button", "cannot_skip", "no_reason", "take_your_time", "unknown_offer", "rephrase", "rephrase_step",
    "out_of_scope", "vague", "beyond", "clarify", "clarify_in_step", "clarify_switch", "queued", "next_problem",
    "file_seen", "part_also_mentioned", "part_and", "finish_first", "back_to", "propose_resume", "propose_switch",
    "propose_continue", "part_skipped",
    "part_takes_minutes", "part_not_known", "button_yes", "button_no", "giving_up", "ticket_unavailable",
    "button_unknown", "button_human", "button_resume",
    "told_intro", "told_question", "told_intro_all", "told_question_all", "tried", "part_tried_worked",
    "part_tried_failed", "part_tried_did", "part_tried_cannot", "part_after_step", "part_works_now", "part_works_not",
    "part_all_done", "mined", "moved_on", "part_already",
)  # fmt: skip


def check(catalogue: Catalogue, lines: Lines) -> Iterator[Problem]:
    """Problems of the whole; the line of a step is where it begins."""
    for name in REQUIRED_SENTENCES:
        if name not in catalogue.sentences:
            yield Problem("texts/sentences.yml", 1, f"The sentence “{name}” is missing; add it in every language.")
    for name in catalogue.common:
        if name not in catalogue.procedures or catalogue.procedures[name].shared:
            yield Problem(
                "_vocabulary.yml", 1, f"“{name}” of “common” starts nothing{_near(name, catalogue.procedures)}"
            )
    yield from _intents(catalogue, lines)
    asked = _asked(catalogue)
    for procedure in catalogue.procedures.values():

        def at(step: str, text: str, procedure: Procedure = procedure) -> Problem:
            file, line = lines[procedure.id, step]
            return Problem(file, line, text)

        broken = [*_targets(procedure, at), *_calls(catalogue, procedure, at)]
        yield from broken or [
            *_reached(procedure, at),
            *_ends(procedure, at),
            *_circles(procedure, at),
            *_own(procedure, at),
            *_branches(procedure, asked, at),
            *_harm(procedure, at),
            *_mentions(procedure, asked, at),
        ]


def _intents(catalogue: Catalogue, lines: Lines) -> Iterator[Problem]:
    owner: dict[str, str] = {}
    for procedure in catalogue.procedures.values():
        for intent in procedure.intents:
            if intent in owner:
                file, line = lines[procedure.id, ""]
                yield Problem(
                    file, line, f"The intent “{intent}” starts “{owner[intent]}” already; give it to one of the two."
                )
            owner[intent] = procedure.id


def _targets(procedure: Procedure, at: Say) -> Iterator[Problem]:
    if procedure.start not in procedure.steps:
        yield at("", f"It starts at “{procedure.start}”, which is no step{_near(procedure.start, procedure.steps)}")
    for step in procedure.steps.values():
        for name, target in edges(step):
            if target not in procedure.steps:
                near = _near(target, procedure.steps)
                yield at(step.id, f"“{name}” of the step “{step.id}” leads to “{target}”, which is no step{near}")


def _near(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), 1)
    return f"; did you mean “{near[0]}”?" if near else "; add that step, or lead elsewhere."


def _calls(catalogue: Catalogue, procedure: Procedure, at: Say) -> Iterator[Problem]:
    for step in _of(procedure, Call):
        called = catalogue.procedures.get(step.procedure)
        if called is None:
            near = _near(step.procedure, catalogue.procedures)
            yield at(step.id, f"The step “{step.id}” calls “{step.procedure}”, which is no procedure{near}")
        elif not called.shared:
            yield at(
                step.id, f"“{step.procedure}” can only be called when it says “shared: true”; add that to its file."
            )
        elif procedure.id in {step.procedure, *catalogue.called_by(step.procedure)}:
            yield at(
                step.id,
                f"“{procedure.id}” and “{step.procedure}” call each other without end; remove one of the calls.",
            )


def _reached(procedure: Procedure, at: Say) -> Iterator[Problem]:
    reached = _closure({procedure.start}, lambda step: successors(procedure.steps[step]))
    for step in procedure.steps:
        if step not in reached:
            yield at(step, f"No way leads to the step “{step}”; lead to it from another step, or remove it.")


def _ends(procedure: Procedure, at: Say) -> Iterator[Problem]:
    """From every step an end must be in reach; `return` is an end of a shared procedure only."""
    before: dict[str, list[str]] = {step: [] for step in procedure.steps}
    for step in procedure.steps.values():
        for target in successors(step):
            before[target].append(step.id)
    ends = {step.id for step in procedure.steps.values() if isinstance(step, END_STEPS)}
    ending = _closure(ends, lambda step: before[step])
    for step_id, step in procedure.steps.items():
        if step_id not in ending:
            yield at(step_id, f"From the step “{step_id}” no way ends in resolve or escalate; lead it to one of them.")
        if isinstance(step, Return) and not procedure.shared:
            yield at(step_id, "Only a shared procedure may return; end with resolve or escalate instead.")
    if procedure.shared and not _of(procedure, Return):
        yield at("", "A shared procedure must return somewhere; add a step with “return: true”.")


def _circles(procedure: Procedure, at: Say) -> Iterator[Problem]:
    for step_id, step in procedure.steps.items():
        if isinstance(step, TURN_STEPS):
            continue
        silent = _closure(set(successors(step)), lambda s: _silent(procedure.steps[s]))
        if step_id in silent:
            yield at(
                step_id, f"The step “{step_id}” leads back to itself without asking anybody; put a question in between."
            )


def _silent(step: Step) -> tuple[str, ...]:
    return () if isinstance(step, TURN_STEPS) else successors(step)


def _own(procedure: Procedure, at: Say) -> Iterator[Problem]:
    for step in procedure.steps.values():
        if isinstance(step, Do) and not step.action.startswith("action_"):
            yield at(step.id, f"The action “{step.action}” must begin with “action_”.")
        if not isinstance(step, TURN_STEPS):
            continue
        owner: dict[str, str] = {}
        for choice in step.choices:
            option = choice.option
            for phrase in phrases_of(option):
                if owner.setdefault(phrase, option.id) != option.id:
                    yield at(
                        step.id,
                        f"“{phrase}” would mean both “{owner[phrase]}” and “{option.id}” in the step “{step.id}”; "
                        "keep it for one.",
                    )


def _asked(catalogue: Catalogue) -> dict[str, set[str]]:
    """Fact -> the answers it can have; an open question's fact, or an action's, can be anything: an empty set."""
    found: dict[str, set[str]] = {}
    for procedure in catalogue.procedures.values():
        for step in _of(procedure, Ask):
            if step.fact:
                found.setdefault(step.fact, set()).update(choice.option.id for choice in step.choices)
        for do in _of(procedure, Do):
            found.update({fact: set() for fact in do.facts})
    return found


def _branches(procedure: Procedure, asked: Mapping[str, set[str]], at: Say) -> Iterator[Problem]:
    for step in _of(procedure, Branch):
        if not step.cases:
            yield at(step.id, f"The branch “{step.id}” has no case; add one, or go on without a branch.")
        if step.fact not in asked:
            near = get_close_matches(step.fact, asked, 1)
            cure = f"did you mean “{near[0]}”?" if near else "let a question set it with “fact”."
            yield at(step.id, f"The branch “{step.id}” goes by “{step.fact}”, which no question sets; {cure}")
        for case in step.cases:
            if asked.get(step.fact) and case not in asked[step.fact]:
                known = ", ".join(sorted(asked[step.fact]))
                yield at(step.id, f"“{case}” is no answer of “{step.fact}”; its answers are {known}.")


def _harm(procedure: Procedure, at: Say) -> Iterator[Problem]:
    """What may lose data comes right after the yes to a warning, and from nowhere else."""
    for step in _of(procedure, Instruct):
        if not step.destructive:
            continue
        ways = [(each, name) for each in procedure.steps.values() for name, to in edges(each) if to == step.id]
        if step.id == procedure.start or any(not isinstance(each, Ask) or name != "yes" for each, name in ways):
            yield at(
                step.id, f"“{step.id}” may lose data; lead to it only by the “yes” of a question that warns of it."
            )


def _mentions(procedure: Procedure, asked: Mapping[str, set[str]], at: Say) -> Iterator[Problem]:
    for step in procedure.steps.values():
        for fact in placeholders(step):
            if fact not in asked:
                yield at(step.id, f"The text of “{step.id}” mentions {{{fact}}}, which no question sets; set it.")


_S = TypeVar("_S")


def _of(procedure: Procedure, kind: type[_S]) -> list[_S]:
    return [step for step in procedure.steps.values() if isinstance(step, kind)]


def _closure(start: set[str], following: Callable[[str], Iterable[str]]) -> set[str]:
    seen: set[str] = set()
    waiting = list(start)
    while waiting:
        step = waiting.pop()
        if step not in seen:
            seen.add(step)
            waiting.extend(following(step))
    return seen
