"""The forms, in both languages and within Slack's limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from channels.contract import Author
from desk.model.technician import Role, Technician
from desk.slack import modals
from desk.slack.modals import Kept, read_kept
from desk.slack.texts import Spoken
from desk.wording import Texts
from tests.desk.slack.pictures import CONVERSATION, RUN, TEAM, TICKET, said
from tests.desk.slack.test_cards import texts_in

TESS = Technician(8, "tess@example.org", "Tess", Role.AGENT, active=True, must_change_password=False)
FORMS: dict[str, Callable[[Texts], modals.View]] = {
    "waiting": lambda texts: modals.waiting(texts, "diagnosis"),
    "refused": lambda texts: modals.refused(texts, "no"),
    "reply": lambda texts: modals.reply(texts, CONVERSATION, Kept(7, 2)),
    "changed": lambda texts: modals.reply(
        texts, CONVERSATION, Kept(7, 3), text="Hi", keep_open=True, unseen=[said("w" * 8000)] * 9
    ),
    "resolve": lambda texts: modals.resolve(texts, Kept(7)),
    "transfer": lambda texts: modals.transfer(texts, [TEAM] * 150, [TESS], Kept(7)),
    "diagnosis": lambda texts: modals.diagnosis(texts, TICKET, [RUN] * 60),
    "nothing": lambda texts: modals.diagnosis(texts, None, []),
}


def test_every_colleague_can_be_chosen_however_many_there_are() -> None:
    colleagues = [replace(TESS, id=number, name=f"Colleague {number}") for number in range(250)]
    view: dict[str, Any] = modals.transfer(Spoken()("en"), [TEAM], colleagues, Kept(7))
    groups = view["blocks"][0]["element"]["option_groups"]
    assert [len(group["options"]) for group in groups] == [1, 100, 100, 50]


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("form", FORMS)
def test_a_form_keeps_within_slacks_limits(form: str, language: str) -> None:
    view: dict[str, Any] = FORMS[form](Spoken()(language))
    assert 1 <= len(view["blocks"]) <= 100
    for name in ("title", "close", "submit"):
        assert name not in view or 1 <= len(view[name]["text"]) <= 24
    inputs = [block for block in view["blocks"] if block["type"] == "input"]
    assert ("submit" in view) == bool(inputs)
    assert all(1 <= len(text["text"]) <= 3000 for text in texts_in(view))
    for block in inputs:
        for group in block["element"].get("option_groups", ()):
            assert len(group["options"]) <= 100
            assert all(len(option["text"]["text"]) <= 75 for option in group["options"])


def test_a_form_remembers_its_card_and_what_was_seen() -> None:
    view = FORMS["reply"](Spoken()("en"))
    assert read_kept(str(view["private_metadata"])) == Kept(7, 2)


def test_what_was_written_meanwhile_is_shown_above_the_reply_that_was_typed() -> None:
    unseen = [said("It works again"), said("A note", Author.TECHNICIAN, name="Tom", internal=True)]
    view = modals.reply(Spoken()("nl"), CONVERSATION, Kept(7, 3), text="Hi", keep_open=True, unseen=unseen)
    shown = [text["text"] for text in texts_in(view)]
    assert shown.index("It works again") < shown.index("Antwoord aan de klant")
    assert "*Tom*" in shown
    assert "Toch versturen" in shown
    (text, options) = [block["element"] for block in view["blocks"] if block["type"] == "input"]  # type: ignore[attr-defined]
    assert text["initial_value"] == "Hi"
    assert options["initial_options"] == options["options"]


def test_the_diagnosis_shows_steps_facts_and_what_was_not_tried() -> None:
    step = replace(RUN.steps[0], by="Tess")
    view = modals.diagnosis(Spoken()("en"), TICKET, [replace(RUN, steps=(step, RUN.steps[1]))])
    shown = " ".join(text["text"] for text in texts_in(view))
    for part in ("Slow Wi-Fi", "1. Restart the router\n→ Yes (by Tess)", "2. Is it better with a cable?\n→ skipped"):
        assert part in shown
    for part in ("Change the channel", "router: grey", "room number: 12", "Look at the access point"):
        assert part in shown
