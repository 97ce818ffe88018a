"""A text against the options of a question."""

from __future__ import annotations

import pytest

from bot.procedures.match import match, normalise
from bot.procedures.model import TURN_STEPS, Catalogue, Option


@pytest.fixture
def options(shipped: Catalogue) -> dict[str, list[Option]]:
    """The options of steps by name, of the shipped procedures and words."""
    found = {}
    for procedure, step in (
        ("printer_offline", "works_after_restart"),
        ("printer_offline", "message"),
        ("printer_offline", "connection"),
        ("printer_offline", "cable"),
        ("which_system", "system"),
        ("account_locked", "message"),
    ):
        turn = shipped.step(procedure, step)
        assert isinstance(turn, TURN_STEPS)
        found[step if procedure != "account_locked" else "sign_in"] = [choice.option for choice in turn.choices]
    return found


@pytest.mark.parametrize(
    ("step", "text", "option"),
    [
        ("works_after_restart", "Yes!", "yes"),
        ("works_after_restart", "yeah it works now, thanks", "yes"),
        ("works_after_restart", "It doesn't work", "no"),
        ("works_after_restart", "no, still nothing", "no"),
        ("works_after_restart", "nope", "no"),
        ("works_after_restart", "Jazeker", "yes"),
        ("works_after_restart", "nee, het werkt nog steeds niet", "no"),
        ("works_after_restart", "hij doet het weer!", "yes"),
        ("works_after_restart", "hij doet het nog niet", "no"),
        ("works_after_restart", "helaas niet", "no"),
        ("works_after_restart", "2", "no"),
        ("works_after_restart", "optie 1", "yes"),
        ("works_after_restart", "perhaps", None),
        ("works_after_restart", "yes, but it still does not work", None),
        ("works_after_restart", "ja maar het papier komt er niet uit", None),
        ("works_after_restart", "", None),
        ("message", "paper jamm", "paper"),
        ("message", "there is a paper jam", "paper"),
        ("message", "er zit papier vast", "paper"),
        ("message", "nothing", "none"),
        ("message", "3.", "toner"),
        ("message", "toner of papier", None),
        ("connection", "it's on the wifi", "network"),
        ("connection", "met een usb kabel", "usb"),
        ("connection", "it is not the usb", None),
        ("connection", "netwrek", "network"),
        ("cable", "ok done", "done"),
        ("cable", "heb ik gedaan", "done"),
        ("cable", "dat lukt niet", "cannot"),
        ("cable", "I can’t", "cannot"),
        ("system", "MacBook Pro", "macos"),
        ("system", "een windows laptop", "windows"),
        ("system", "my iphone", "ios"),
        ("sign_in", "mijn wachtwoord is verlopen", "expired"),
        ("sign_in", "it says my account is locked", "locked"),
        ("sign_in", "I think I was hacked", "not_me"),
    ],
)
def test_a_text_is_read_against_the_options(
    options: dict[str, list[Option]], shipped: Catalogue, step: str, text: str, option: str | None
) -> None:
    found = match(text, options[step], shipped.words)
    assert (found.option if found else None) == option


def test_every_title_and_synonym_means_its_own_option(shipped: Catalogue) -> None:
    for procedure in shipped.procedures.values():
        for step in procedure.steps.values():
            if isinstance(step, TURN_STEPS):
                options = [choice.option for choice in step.choices]
                for option in options:
                    for said in (option.title.en, option.title.nl, *option.synonyms):
                        found = match(said, options, shipped.words)
                        assert found is not None, (step.id, said)
                        assert (found.option, found.score) == (option.id, 1.0), (step.id, said)


def test_normalising_drops_what_people_type_differently() -> None:
    assert normalise("  Één   móment… It’s #3!") == "een moment its #3"


def test_a_flood_of_text_is_no_answer(options: dict[str, list[Option]], shipped: Catalogue) -> None:
    assert match("paper " * 3000, options["message"], shipped.words) is None
