"""The procedures that we ship: complete, in both languages, and every way through them ends."""

from __future__ import annotations

import re

import pytest

from bot.procedures import commands as c
from bot.procedures.model import TURN_STEPS, Ask, Catalogue, Escalate, Text, kind
from bot.procedures.paths import ways
from bot.procedures.state import ENDED, ESCALATED, RESOLVED
from tests.bot.procedures.conftest import Chat

URGENT = {"security_incident", "device_lost", "safety_hazard"}
GUIDED = {
    "password_reset", "account_locked", "mfa_device", "vpn_connect", "vpn_drops", "wifi_connect", "wifi_slow",
    "wired_network", "internet_slow", "printer_offline", "printer_quality", "print_from_application", "outlook_mail",
    "mailbox_full", "calendar_sharing", "email_on_phone", "computer_slow", "computer_no_start", "blue_screen",
    "application_crash", "software_request", "update_fails", "disk_full", "file_access", "file_recovery",
    "external_display", "docking_station", "input_devices", "meeting_audio", "meeting_join", "browser_problem",
    "certificate_warning", "remote_desktop", "report_problem",
}  # fmt: skip
ERRANDS = {"add_to_ticket", "close_ticket", "reopen_ticket"}
STARTED = GUIDED | URGENT | ERRANDS


def texts(catalogue: Catalogue) -> list[tuple[str, Text]]:
    found = [(name, text) for name, text in catalogue.sentences.items()]
    for procedure in catalogue.procedures.values():
        found += [(procedure.id, procedure.title), (procedure.id, procedure.summary)]
        for step in procedure.steps.values():
            for field in ("label", "text", "why", "help", "note"):
                text = getattr(step, field, None)
                if isinstance(text, Text):
                    found.append((f"{procedure.id}.{step.id}", text))
    return found


def test_they_are_all_there(shipped: Catalogue) -> None:
    assert {p.id for p in shipped.procedures.values() if not p.shared} == STARTED


@pytest.mark.parametrize("name", sorted(STARTED))
def test_every_way_through_ends_well_or_at_a_person(shipped: Catalogue, name: str) -> None:
    procedure = shipped.procedures[name]
    reached = set()
    for way in ways(shipped, procedure):
        run = way.end.runs[0]
        assert run.state in (ENDED if procedure.errand else RESOLVED, ESCALATED)
        assert way.end.resolved == (run.state == RESOLVED)
        assert len(way.turns) <= 20, "nobody answers that many questions"
        if run.state == ESCALATED:
            about = way.end.handover
            assert about is not None
            assert about.note
            assert procedure.errand or all((about.category, about.team, about.impact))
        spots = [run.spot, *(visit.spot for visit in run.visits)]
        reached |= {spot.step for spot in spots if spot.procedure == name}
    assert reached == set(procedure.steps)


@pytest.mark.parametrize("name", sorted(GUIDED))
def test_they_branch_try_something_and_check_whether_it_helped(shipped: Catalogue, name: str) -> None:
    steps = shipped.procedures[name].steps.values()
    kinds = {kind(step) for step in steps}
    assert {"ask", "resolve", "escalate"} <= kinds
    assert name == "report_problem" or {"instruct", "check"} <= kinds
    assert sum(kind(step) == "ask" for step in steps) >= 2


@pytest.mark.parametrize("name", sorted(STARTED))
def test_whoever_does_not_know_can_go_on(shipped: Catalogue, name: str) -> None:
    """Nobody is held up by a question they cannot answer: "I don't know" leads on, or help is offered."""
    asks = [step for step in shipped.procedures[name].steps.values() if isinstance(step, Ask) and step.choices]
    assert all(step.unknown or step.help or step.id == "what_to_change" for step in asks)


def test_a_suspicion_of_abuse_goes_to_a_person_after_one_answer(shipped: Catalogue) -> None:
    step = shipped.procedures["account_locked"].steps["security"]
    assert isinstance(step, Escalate)
    assert (step.reason, step.impact, step.urgency) == ("security", 1, 1)
    assert min(len(way.turns) for way in ways(shipped, shipped.procedures["account_locked"])) == 2


@pytest.mark.parametrize("incident", ["clicked", "virus"])
def test_an_intrusion_goes_to_security_at_once(shipped: Catalogue, incident: str) -> None:
    alice = Chat(shipped).does(c.Start("security_incident", {"incident": incident}))
    assert len(alice.hears) == 2, "first aid and the ticket, nothing before it"
    assert alice.state.handover is not None
    assert (alice.state.handover.reason, alice.state.handover.impact, alice.state.handover.urgency) == (
        "security",
        1,
        1,
    )


def test_a_danger_goes_to_a_person_with_first_aid_at_once(shipped: Catalogue) -> None:
    for hazard in ("fire", "battery", "liquid", "shock"):
        alice = Chat(shipped).does(c.Start("safety_hazard", {"hazard": hazard}))
        assert len(alice.hears) == 2, "first aid and the ticket, nothing before it"


def test_only_what_cannot_wait_interrupts_everything(shipped: Catalogue) -> None:
    assert {p.id for p in shipped.procedures.values() if p.urgency == 1} == URGENT


def test_both_languages_say_something_of_their_own(shipped: Catalogue) -> None:
    same = {name for name, text in texts(shipped) if text.en == text.nl}
    assert same <= {"intro"}


def test_sentences_have_the_same_places_to_fill_in_both_languages(shipped: Catalogue) -> None:
    for name, text in shipped.sentences.items():
        places = [set(re.findall(r"\{(\w*)\}", each)) for each in (text.en, text.nl)]
        assert places[0] == places[1] <= {"title", "summary", "example", "step", "minutes", "number"}, name


def test_nothing_is_too_long_for_a_chat(shipped: Catalogue) -> None:
    for name, text in texts(shipped):
        for language in (text.en, text.nl):
            assert len(language) <= 330, name
            assert language == language.strip()


def test_whoever_reads_it_in_a_mail_is_not_told_of_a_chat(shipped: Catalogue) -> None:
    ours = re.compile(r"(?i)\b(?:this|the|deze|de) chat\b")
    own = {"moved_on"}  # said by mail of what was done in the chat
    for name, text in texts(shipped):
        assert name in own or name.startswith("meeting_") or not ours.search(text.en + text.nl), name


def test_button_titles_fit_a_phone(shipped: Catalogue) -> None:
    for procedure in shipped.procedures.values():
        for step in procedure.steps.values():
            for choice in step.choices if isinstance(step, TURN_STEPS) else ():
                assert max(len(choice.option.title.en), len(choice.option.title.nl)) <= 40


def test_instructions_with_a_technical_step_say_why_or_how_somewhere(shipped: Catalogue) -> None:
    for name in sorted(GUIDED):
        told = [s for s in shipped.procedures[name].steps.values() if isinstance(s, TURN_STEPS) and (s.why or s.help)]
        assert len(told) >= 4
