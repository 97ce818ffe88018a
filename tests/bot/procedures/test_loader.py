"""Every mistake an author can make is refused with the file, the line, and a sentence that tells the cure."""

# ruff: noqa: E501 - one mistake, one line

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.procedures.codec import from_json, to_json
from bot.procedures.loader import load, source_files
from bot.procedures.model import Catalogue
from bot.procedures.nodes import CatalogueError
from tests.bot.procedures.conftest import KETTLE, LAMP, PAUSE, ROOT, Write

TEXTS = ROOT / "bot/texts"


def line(text: str, of: str) -> int:
    return next(number for number, each in enumerate(text.splitlines(), start=1) if of in each)


def refused(folder: Path, texts: Path = TEXTS) -> list[str]:
    with pytest.raises(CatalogueError) as caught:
        load(folder, texts)
    assert str(caught.value).splitlines() == [str(problem) for problem in caught.value.problems]
    return [f"{Path(problem.file).name}:{problem.line}: {problem.text}" for problem in caught.value.problems]


def test_a_good_folder_is_read(kitchen: Catalogue) -> None:
    assert set(kitchen.procedures) == {"kettle", "pause", "lamp"}
    assert kitchen.procedures["kettle"].intents == ("kettle",)
    assert kitchen.procedures["pause"].intents == ()


def test_yes_and_no_stay_words(kitchen: Catalogue) -> None:
    step = kitchen.step("lamp", "bulb")
    assert [choice.option.id for choice in step.choices] == ["yes", "no"]  # type: ignore[union-attr]


def test_a_catalogue_survives_json(shipped: Catalogue) -> None:
    assert from_json(json.loads(json.dumps(to_json(shipped)))) == shipped


def test_the_sources_of_a_catalogue_are_known(write: Write) -> None:
    names = [path.name for path in source_files(write(), TEXTS)]
    assert names == ["_vocabulary.yml", "kettle.yml", "lamp.yml", "pause.yml", "sentences.yml", "words.yml"]


@pytest.mark.parametrize(
    ("old", "new", "at", "sentence"),
    [
        ("no: person", "no: persn", "  bulb:", "“no” of the step “bulb” leads to “persn”, which is no step; did you mean “person”?"),
        ("start: bulb", "start: zzz", "id:", "It starts at “zzz”, which is no step; add that step, or lead elsewhere."),
        ("no: person", "no: solved", "  person:", "No way leads to the step “person”; lead to it from another step, or remove it."),
        ("yes: solved", "yes: bulb", "  solved:", "No way leads to the step “solved”; lead to it from another step, or remove it."),
        ("title: {en: Lamp is dark, nl: Lamp is uit}", "title: {en: Lamp is dark}", "title:", "The translation “nl” of “title” is missing in the procedure “lamp”; add it."),
        ("examples: {en: [My lamp is dark], nl: [Mijn lamp is uit]}", "examples: {en: [My lamp is dark]}", "examples:", "“examples” of the procedure “lamp” has nothing in “nl”; add at least one."),
        ("category: hardware", "category: hardwear", "category:", "The category “hardwear” is not known; use one of hardware, network, or add it to _vocabulary.yml."),
        ("team: onsite", "team: nobody", "team:", "The team “nobody” is not known; use one of onsite, servicedesk, or add it to _vocabulary.yml."),
        ("impact: 3", "impact: 4", "impact:", "“impact” is 4; it must be a number from 1 to 3."),
        ("impact: 3\n", "", "id:", "“impact” is missing in the procedure “lamp”; add it."),
        ("version: 1", "version: one", "version:", "“version” is one; it must be a number from 1 to 10000."),
        ("urgency: 3", "urgensy: 3", "urgensy:", "“urgensy” is not known in the procedure “lamp”; did you mean “urgency”?"),
        ("id: lamp", "id: kettle", "id:", "The id “kettle” is used by another file too; give each its own."),
        ("id: lamp", "id: My Lamp", "id:", "The id “My Lamp” must be small letters, digits and single “_”."),
        ("check:", "chek:", "  bulb:", "the step “bulb” must have exactly one of ask, instruct, check, say, branch, call, do, resolve, escalate, return; it has 0."),
        ("    resolve: {en: Light., nl: Licht.}", "    resolve: Light.", "resolve:", "“resolve” of the step “solved” must be a mapping, like {en: …, nl: …}."),
        ("    note: {en: Bring a lamp., nl: Neem een lamp mee.}\n", "", "  person:", "“note” is missing in the step “person”; add it."),
        ("reason: security", "reason: whim", "reason:", "“reason” is whim; it must be one of escalated, security."),
        ("start: bulb", "start: bulb\nstart: bulb", "start: bulb\n", "“start” appears twice in the file; keep one."),
        ("start: bulb", "start: bulb\nintents: [kettle]", "id:", "The intent “kettle” starts “kettle” already; give it to one of the two."),
    ],
)  # fmt: skip
def test_a_mistake_in_a_file_is_refused(write: Write, old: str, new: str, at: str, sentence: str) -> None:
    changed = LAMP.replace(old, new)
    assert changed != LAMP
    where = line(changed, at.strip("\n"))
    if "twice" in sentence:
        where += 1
    found = refused(write(lamp=changed))
    assert f"lamp.yml:{where}: {sentence}" in found


STEPS = {
    "a dead end of a circle": (
        "  solved:\n", "  turn:\n    check: {en: Again?, nl: Nog eens?}\n    yes: turn\n    no: turn\n  solved:\n", "yes: solved",
        "yes: turn", "  turn:", "From the step “turn” no way ends in resolve or escalate; lead it to one of them.",
    ),
    "a circle without a turn": (
        "  solved:\n", "  a:\n    say: {en: A, nl: A}\n    next: b\n  b:\n    branch: kettle_kind\n    cases: {steel: a}\n"
        "    otherwise: solved\n  solved:\n", "yes: solved", "yes: a", "  a:",
        "The step “a” leads back to itself without asking anybody; put a question in between.",
    ),
    "a call to nowhere": (
        "  solved:\n", "  c:\n    call: paus\n    next: solved\n  solved:\n", "yes: solved", "yes: c", "  c:",
        "The step “c” calls “paus”, which is no procedure; did you mean “pause”?",
    ),
    "a call of what is not shared": (
        "  solved:\n", "  c:\n    call: kettle\n    next: solved\n  solved:\n", "yes: solved", "yes: c", "  c:",
        "“kettle” can only be called when it says “shared: true”; add that to its file.",
    ),
    "a return from nowhere": (
        "  solved:\n", "  r:\n    return: true\n  solved:\n", "no: person", "no: r", "  r:",
        "Only a shared procedure may return; end with resolve or escalate instead.",
    ),
    "a branch by what nobody asks": (
        "  solved:\n", "  b:\n    branch: colour\n    cases: {red: person}\n    otherwise: solved\n  solved:\n", "yes: solved",
        "yes: b", "  b:", "The branch “b” goes by “colour”, which no question sets; let a question set it with “fact”.",
    ),
    "a case that is no answer": (
        "  solved:\n", "  b:\n    branch: kettle_kind\n    cases: {wood: person}\n    otherwise: solved\n  solved:\n", "yes: solved",
        "yes: b", "  b:", "“wood” is no answer of “kettle_kind”; its answers are glass, steel.",
    ),
    "a question without answers": (
        "  solved:\n", "  q:\n    ask: {en: Why?, nl: Waarom?}\n  solved:\n", "yes: solved", "yes: q", "  q:",
        "the step “q” needs either “options”, or “next” when any text is an answer.",
    ),
    "two answers that sound the same": (
        "  solved:\n", "  q:\n    ask: {en: Why?, nl: Waarom?}\n    options:\n      one: {title: {en: One, nl: Een}, next: solved}\n"
        "      two: {title: {en: Two, nl: Een}, next: solved}\n  solved:\n", "yes: solved", "yes: q", "  q:",
        "“een” would mean both “one” and “two” in the step “q”; keep it for one.",
    ),
    "an answer with a reserved name": (
        "  solved:\n", "  q:\n    ask: {en: Why?, nl: Waarom?}\n    options:\n"
        "      unknown: {title: {en: One, nl: Een}, next: solved}\n  solved:\n", "yes: solved", "yes: q", "unknown:",
        "An option cannot be called “unknown”; choose another id.",
    ),
    "an action by a wrong name": (
        "  solved:\n", "  d:\n    do: reboot\n    outcomes: {ok: solved}\n    error: person\n  solved:\n", "yes: solved", "yes: d",
        "  d:", "The action “reboot” must begin with “action_”.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STEPS)
def test_a_mistake_in_the_graph_is_refused(write: Write, name: str) -> None:
    at, added, old, new, where, sentence = STEPS[name]
    changed = LAMP.replace(at, added, 1).replace(old, new, 1)
    assert f"lamp.yml:{line(changed, where)}: {sentence}" in refused(write(lamp=changed))


def test_a_procedure_that_calls_itself_over_another_is_refused(write: Write) -> None:
    other = PAUSE.replace("id: pause", "id: nap").replace("    next: on\n", "    next: more\n", 1)
    other = other.replace("  on:\n", "  more:\n    call: pause\n    next: on\n  on:\n", 1)
    pause = PAUSE.replace("    next: on\n", "    next: more\n", 1)
    pause = pause.replace("  on:\n", "  more:\n    call: nap\n    next: on\n  on:\n", 1)
    found = refused(write(pause=pause, nap=other))
    where = line(pause, "  more:")
    assert f"pause.yml:{where}: “pause” and “nap” call each other without end; remove one of the calls." in found


def test_a_shared_procedure_must_return(write: Write) -> None:
    pause = PAUSE.replace("    return: true", "    resolve: {en: Done., nl: Klaar.}")
    assert refused(write(pause=pause)) == [
        "pause.yml:1: A shared procedure must return somewhere; add a step with “return: true”."
    ]


def test_what_is_no_yaml_is_refused_with_the_line(write: Write) -> None:
    found = refused(write(lamp=LAMP.replace("start: bulb", "start: [bulb")))
    assert found[0].startswith("lamp.yml:")
    assert "This is not valid YAML" in found[0]
    assert "check the indentation and quotes." in found[0]


def test_a_file_that_is_a_list_is_refused(write: Write) -> None:
    assert refused(write(lamp="- lamp\n")) == [
        "lamp.yml:1: The file must be a mapping of names to values; see the other files."
    ]


def test_a_file_in_another_encoding_is_refused(write: Write) -> None:
    folder = write()
    (folder / "lamp.yml").write_bytes(LAMP.encode("utf-16"))
    assert refused(folder) == ["lamp.yml:1: This file is not UTF-8; save it as UTF-8."]


def test_an_empty_folder_is_refused(write: Write) -> None:
    found = refused(write(kettle=None, pause=None, lamp=None))
    assert any("There is no procedure here; add at least one .yml file." in each for each in found)


def test_without_a_vocabulary_the_author_is_told(write: Write) -> None:
    assert refused(write(_vocabulary=None))[0] == (
        "_vocabulary.yml:1: The file is missing; it lists the known categories and teams."
    )


def test_a_missing_sentence_is_refused(write: Write, tmp_path: Path) -> None:
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "words.yml").write_bytes((TEXTS / "words.yml").read_bytes())
    sentences = (TEXTS / "sentences.yml").read_text(encoding="utf-8").replace("clarify_in_step:", "clarify_somewhere:")
    (texts / "sentences.yml").write_text(sentences, encoding="utf-8")
    assert refused(write(), texts) == [
        "sentences.yml:1: The sentence “clarify_in_step” is missing; add it in every language."
    ]


def test_all_mistakes_are_told_at_once(write: Write) -> None:
    kettle = KETTLE.replace("category: hardware", "category: food").replace("impact: 3", "impact: 9")
    assert len(refused(write(kettle=kettle, lamp=LAMP.replace("id: lamp\n", "")))) == 3
