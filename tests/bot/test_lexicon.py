"""What customers mention by the way, in both languages, and what only looks like it."""

from __future__ import annotations

import time

import pytest

from bot.lexicon import Lexicon

LEXICON = Lexicon.read()


def found(text: str, entity: str) -> list[str]:
    return [mention.value for mention in LEXICON.find(text) if mention.entity == entity]


@pytest.mark.parametrize(
    ("text", "entity", "value"),
    [
        ("my laptop is slow", "device", "laptop"),
        ("op mijn werktelefoon", "device", "phone"),
        ("the ipad in the shop", "device", "tablet"),
        ("mijn vaste pc start niet", "device", "desktop"),
        ("the printer is offline", "equipment", "printer"),
        ("mijn headset doet het niet", "equipment", "headset"),
        ("het docking station ziet niks", "equipment", "dock"),
        ("I have Windows 11", "operating_system", "windows"),
        ("on my MacBook", "operating_system", "macos"),
        ("ubuntu on a thinkpad", "operating_system", "linux"),
        ("mijn iPhone doet raar", "operating_system", "ios"),
        ("my samsung galaxy", "operating_system", "android"),
        ("Outlook won't start", "application", "outlook"),
        ("geen geluid in Teams", "application", "teams"),
        ("het formulier in Word opent niet", "application", "word"),
        ("ik krijg een fout in sap", "application", "sap"),
        ("google chrome is slow", "application", "chrome"),
        ("it stops with 0x0000007b", "error_code", "0x0000007B"),
        ("vpn error 651", "error_code", "651"),
        ("hij geeft foutcode 0x80070005", "error_code", "0x80070005"),
        ("HTTP 403 when I open it", "error_code", "403"),
        ("403 forbidden", "error_code", "403"),
        ("ik krijg melding 691", "error_code", "691"),
        ("it says DRIVER_POWER_STATE_FAILURE", "error_code", "DRIVER_POWER_STATE_FAILURE"),
        ("AADSTS50126 on the sign-in page", "error_code", "AADSTS50126"),
        ("printer PR-0231 does nothing", "host_name", "PR-0231"),
        ("the sticker says lt4411", "host_name", "LT4411"),
        ("mijn laptop heet LT4411", "host_name", "LT4411"),
        ("DESKTOP-4F7K2A1 is slow", "host_name", "DESKTOP-4F7K2A1"),
        ("what about my ticket 1042", "ticket_number", "FL-1042"),
        ("hoe staat het met fl1042", "ticket_number", "FL-1042"),
        ("mijn meldingsnummer is 1042", "ticket_number", "FL-1042"),
        ("on the second floor", "place", "the second floor"),
        ("de beamer in kamer 2.14", "place", "kamer 2.14"),
        ("the Utrecht office has no wifi", "place", "Utrecht office"),
        ("op kantoor Utrecht", "place", "kantoor Utrecht"),
        ("ik zit thuis", "place", "thuis"),
    ],
)
def test_what_is_mentioned_is_found(text: str, entity: str, value: str) -> None:
    assert found(text, entity) == [value]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("since this morning", "today"),
        ("het doet het sinds vanochtend niet", "today"),
        ("it worked yesterday", "today"),
        ("gisteren deed hij het nog", "today"),
        ("sinds gisteren", "this_week"),
        ("since monday", "this_week"),
        ("for three days", "this_week"),
        ("al weken", "longer"),
        ("since last month", "longer"),
        ("sinds een half jaar", "longer"),
        ("after the update", "after_change"),
        ("after I changed my password", "after_change"),
        ("na de laatste windows update", "after_change"),
        ("sinds ik een nieuwe laptop heb", "after_change"),
        ("since the update last week", "after_change"),
    ],
)
def test_since_when_is_told(text: str, value: str) -> None:
    assert set(found(text, "since_when")) == {value}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("only me", "only_me"),
        ("everyone else can print", "only_me"),
        ("iedereen heeft wifi behalve ik", "only_me"),
        ("ik ben de enige", "only_me"),
        ("not only me", "some"),
        ("niet alleen bij mij", "some"),
        ("my colleagues have it too", "some"),
        ("mijn collega's ook", "some"),
        ("mijn collega kan ook niet printen", "some"),
        ("my colleague can't print either", "some"),
        ("the whole department", "everyone"),
        ("niemand kan inloggen", "everyone"),
        ("not only me, the whole department", "everyone"),
        ("de hele verdieping heeft geen wifi", "everyone"),
    ],
)
def test_who_else_has_it_is_told(text: str, value: str) -> None:
    assert set(found(text, "others_affected")) == {value}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("I work from home", "home"),
        ("ik werk thuis", "home"),
        ("at the office", "office"),
        ("op kantoor", "office"),
        ("in a hotel", "elsewhere"),
        ("onderweg in de trein", "elsewhere"),
        ("it works at home but not at the office", "office"),
    ],
)
def test_where_the_customer_works_is_told(text: str, value: str) -> None:
    assert set(found(text, "working_from")) == {value}


@pytest.mark.parametrize(
    ("text", "entity"),
    [
        ("my colleagues can print", "others_affected"),
        ("bij mijn collega werkt het wel", "others_affected"),
        ("my colleague does not have this", "others_affected"),
        ("nobody can hear me", "others_affected"),
        ("niemand hoort mij", "others_affected"),
        ("share my calendar with the whole team", "others_affected"),
        ("is it just me", "others_affected"),
        ("ben ik de enige", "others_affected"),
        ("i need it today", "since_when"),
        ("kun je vandaag langskomen", "since_when"),
        ("thuis doet hij het wel", "working_from"),
        ("i am not at the office", "working_from"),
        ("ik ben niet op kantoor", "working_from"),
        ("office 365 does not start", "working_from"),
        ("our teams are large", "application"),
        ("ik word gek", "application"),
        ("zoom in on the page", "application"),
        ("microsoft office", "place"),
        ("what is my mac address", "operating_system"),
        ("too many windows on my screen", "operating_system"),
        ("error 3 times", "error_code"),
        ("my verification code 483921", "error_code"),
        ("FL-1042", "host_name"),
        ("KB5034441 fails", "host_name"),
        ("covid-19", "host_name"),
        ("the last 24 tickets", "ticket_number"),
        ("please answer the phone", "device"),
    ],
)
def test_what_only_looks_like_it_is_not_taken(text: str, entity: str) -> None:
    assert found(text, entity) == []


def test_contradicting_devices_say_nothing() -> None:
    assert found("it works on my laptop but not on my phone", "device") == []


def test_a_mention_says_where_it_stands() -> None:
    text = "İ’m on WINDOWS 11, error 651"
    places = {mention.entity: text[mention.start : mention.end] for mention in LEXICON.find(text)}
    assert places == {"operating_system": "WINDOWS 11", "error_code": "651"}


def test_a_story_tells_several_facts_at_once() -> None:
    text = "Sinds gisteren kan de hele afdeling niet printen op PR-0231, foutcode 0x00000bcb. Ik zit op kamer 2.14."
    facts = {mention.entity: mention.value for mention in LEXICON.find(text)}
    assert facts == {
        "since_when": "this_week",
        "others_affected": "everyone",
        "host_name": "PR-0231",
        "error_code": "0x00000BCB",
        "place": "kamer 2.14",
    }


def test_a_very_long_message_takes_no_longer_than_a_long_one() -> None:
    began = time.perf_counter()
    LEXICON.find("since the update my colleagues cannot print either, error 0x1 " * 20_000)
    assert time.perf_counter() - began < 1


def test_an_expression_does_not_go_on_in_the_next_sentence() -> None:
    assert found("There is no message at all. My colleagues can print.", "others_affected") == []
    assert found("It is the same for all my colleagues.", "others_affected") == ["everyone"]
