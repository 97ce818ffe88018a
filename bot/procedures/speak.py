"""Effects to words: what is said, in the customer's language, with the buttons that belong to it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from bot.procedures.buttons import UNKNOWN_OPTION
from bot.procedures.effects import (
    CANNOT,
    DID,
    FAILED,
    WORKED,
    SayAhead,
    SayList,
    SayMined,
    SaySentence,
    SayStep,
    SayTried,
    Spoken,
    payload,
)
from bot.procedures.model import (
    PLACEHOLDER,
    SYSTEM_FACT,
    TURN_STEPS,
    Ask,
    Catalogue,
    Help,
    Instruct,
    Step,
    Text,
    TurnStep,
)
from bot.procedures.state import Spot
from bot.procedures.told import cannot_ahead
from bot.procedures.trace import title_of

NOTICEABLE_MINUTES = 3
"""What takes longer is said beforehand."""
_SYSTEM_NAMES = {"windows": "Windows", "macos": "macOS", "linux": "Linux", "ios": "iPhone, iPad", "android": "Android"}

Message = dict[str, Any]
"""{"text": "…", "buttons": [{"title", "payload"}]}"""


def say(catalogue: Catalogue, effect: Spoken, language: str) -> Message | None:
    """None for a step without words (an action that is still awaited)."""
    if isinstance(effect, SayStep):
        return _say_step(catalogue, effect, language)
    if isinstance(effect, SayList):
        return _say_list(catalogue, effect, language)
    if isinstance(effect, SayAhead):
        return _say_ahead(catalogue, effect, language)
    if isinstance(effect, (SayTried, SayMined)):
        return {"text": "\n".join(_quoted(catalogue, effect, language)), "buttons": []}
    buttons = [_button(catalogue, each, language) for each in effect.buttons]
    text = catalogue.sentences[effect.name].to(language).format(**_values(catalogue, effect, language))
    return {"text": text, "buttons": buttons}


def merge(messages: Iterable[Message]) -> Message:
    """One message: a paragraph each, and all the buttons, those of the last paragraph (the question) first."""
    parts = list(messages)
    return {
        "text": "\n\n".join(part["text"] for part in parts if part["text"]),
        "buttons": [button for part in reversed(parts) for button in part["buttons"]],
    }


def _say_step(catalogue: Catalogue, effect: SayStep, language: str) -> Message | None:
    step = catalogue.step(*effect.spot)
    text = getattr(step, effect.part, None)
    if not isinstance(text, Text):
        return None
    if isinstance(text, Help):
        return {"text": _help(catalogue, text, dict(effect.known), language), "buttons": []}
    asks = isinstance(step, TURN_STEPS) and effect.part == "text"
    buttons = _answers(catalogue, effect, step, language) if asks and isinstance(step, TURN_STEPS) else []
    words = _filled(catalogue, text.to(language), dict(effect.known), language)
    if asks:
        words = " ".join((words, *_duration(catalogue, step, language)))
    return {"text": words, "buttons": buttons}


def _say_list(catalogue: Catalogue, effect: SayList, language: str) -> Message:
    """One instruction with the check after it is told as it would be in a chat, but at once; several are numbered."""
    lines = [_item(catalogue, step, check, language) for step, check in effect.items]
    buttons = [{"title": t.to(language), "payload": p} for p, t in list_buttons(catalogue, effect)]
    if len(lines) == 1:
        return {"text": lines[0], "buttons": buttons}
    numbered = "\n".join(f"{number}. {line}" for number, line in enumerate(lines, start=1))
    intro, question = "told_intro", "told_question"
    if not _asks_back(effect):
        intro, question = "told_intro_all", "told_question_all"
    parts = (catalogue.sentences[intro].to(language), numbered, catalogue.sentences[question].to(language))
    return {"text": "\n\n".join(parts), "buttons": buttons}


def _say_ahead(catalogue: Catalogue, effect: SayAhead, language: str) -> Message:
    said = [part for part in (_say_step(catalogue, each, language) for each in (effect.step, effect.question)) if part]
    buttons = [*said[-1]["buttons"]]
    cannot = cannot_ahead(catalogue, effect.step.spot, effect.question.spot)
    if cannot is not None:
        buttons.append({"title": cannot.title.to(language), "payload": payload(effect.step.spot, cannot.id)})
    return {"text": "\n\n".join(part["text"] for part in said), "buttons": buttons}


def _item(catalogue: Catalogue, step: SayStep, check: SayStep | None, language: str) -> str:
    said = [_say_step(catalogue, part, language) for part in (step, check) if part]
    return " ".join(" ".join(part["text"].split("\n")) for part in said if part)


def _asks_back(effect: SayList) -> bool:
    """Whether any of the instructions may have mended it."""
    return any(check for _, check in effect.items)


def list_buttons(catalogue: Catalogue, effect: SayList) -> Iterator[tuple[str, Text]]:
    """(payload, title) of what may be answered to a list, numbered like the instructions: whoever types "2" means the
    second, however it is meant."""

    def button(name: str, spot: Spot, result: str, number: int = 0) -> tuple[str, Text]:
        title = catalogue.sentences[f"part_{name}"]
        return payload(spot, result), Text(title.en.format(number=number), title.nl.format(number=number))

    spots = [step.spot for step, _ in effect.items]
    if not _asks_back(effect):
        yield button("all_done", spots[-1], DID)
    elif len(spots) == 1:
        yield button("works_now", spots[0], WORKED)
        yield button("works_not", spots[0], FAILED)
        step = catalogue.step(*spots[0])
        cannot = step.choice(CANNOT) if isinstance(step, TURN_STEPS) else None
        if cannot is not None:
            yield payload(spots[0], CANNOT), cannot.option.title
    else:
        for number, spot in enumerate(spots, start=1):
            yield button("after_step", spot, WORKED, number)
        yield button("works_not", spots[-1], FAILED)


def _quoted(catalogue: Catalogue, effect: SayTried | SayMined, language: str) -> Iterator[str]:
    if isinstance(effect, SayMined):
        yield catalogue.sentences["mined"].to(language)
        for spot, answer in effect.answers:
            yield f"– {title_of(catalogue.step(*spot), language)}: {_taken(catalogue, spot, answer, language)}"
        return
    yield catalogue.sentences["tried"].to(language)
    for spot, result in effect.results:
        what = catalogue.sentences[f"part_tried_{result}"].to(language)
        yield f"– {title_of(catalogue.step(*spot), language)}: {what}"


def _taken(catalogue: Catalogue, spot: Spot, answer: str, language: str) -> str:
    step = catalogue.step(*spot)
    if isinstance(step, Instruct):
        return catalogue.sentences["part_already"].to(language)
    choice = step.choice(answer) if isinstance(step, TURN_STEPS) else None
    return choice.option.title.to(language) if choice else answer


def _filled(catalogue: Catalogue, text: str, known: dict[str, str], language: str) -> str:
    """`{fact}` becomes the title of the answer, or the customer's own words."""

    def value(found: re.Match[str]) -> str:
        name = found[1]
        title = catalogue.fact_title(name, known[name]) if name in known else catalogue.sentences["part_not_known"]
        return title.to(language)

    return PLACEHOLDER.sub(value, text)


def _duration(catalogue: Catalogue, step: Step, language: str) -> tuple[str, ...]:
    minutes = getattr(step, "time", None) or 0
    if minutes < NOTICEABLE_MINUTES:
        return ()
    return (catalogue.sentences["part_takes_minutes"].to(language).format(minutes=minutes),)


def _help(catalogue: Catalogue, text: Help, known: dict[str, str], language: str) -> str:
    """The general sentence, and that of the customer's system: of all, while it is not known."""
    system = known.get(SYSTEM_FACT)
    fitting = {name: said for name, said in text.systems.items() if system in (None, name)}
    lines = [f"{_SYSTEM_NAMES[name]}: {said.to(language)}" for name, said in fitting.items()]
    return "\n".join((text.to(language), *lines))


def _answers(catalogue: Catalogue, effect: SayStep, step: TurnStep, language: str) -> list[dict[str, str]]:
    spot = effect.spot
    found = [
        {"title": choice.option.title.to(language), "payload": payload(spot, choice.option.id)}
        for choice in step.choices
    ]
    found += [{"title": title, "payload": payload(spot, value)} for value, title in effect.options]
    if step.unknown and isinstance(step, Ask):
        title = catalogue.sentences["button_unknown"].to(language)
        found.append({"title": title, "payload": payload(spot, UNKNOWN_OPTION)})
    return found


def _button(catalogue: Catalogue, of: str, language: str) -> dict[str, str]:
    return {"title": catalogue.button_title(of).to(language), "payload": of}


def _values(catalogue: Catalogue, effect: SaySentence, language: str) -> dict[str, str]:
    values = {"summary": "", "example": "", "step": ""}
    titles = [catalogue.procedures[name].title.to(language) for name in effect.procedures]
    values["title"] = catalogue.sentences["part_and"].to(language).join((*titles, *effect.quoted))
    if effect.procedures:
        about = catalogue.procedures[effect.procedures[0]]
        examples = about.examples.get(language, ())
        values["summary"] = about.summary.to(language)
        values["example"] = examples[0] if examples else titles[0]
    if effect.spot is not None:
        values["example"] = _example(catalogue, effect.spot, effect.answer, language)
        values["step"] = title_of(catalogue.step(*effect.spot), language)
    return values


def _example(catalogue: Catalogue, spot: Spot, answer: str | None, language: str) -> str:
    step = catalogue.step(*spot)
    choices = step.choices if isinstance(step, TURN_STEPS) else ()
    titles = [choice.option.title for choice in choices if answer in (None, choice.option.id)]
    if titles and answer in ("yes", "no") and step.label:  # alone it would not say what it answers
        return f"{step.label.to(language)}: {titles[0].to(language).lower()}"
    return titles[0].to(language) if titles else answer or catalogue.sentences["button_unknown"].to(language)
