"""What is decided of a mail by itself: whose work it is, what its subject says, and what is no more than thanks."""

from __future__ import annotations

import pytest

from channels.letter import Authentication, Automatic, Letter, Person
from desk.gratitude import only_thanks
from desk.model.letter import (
    Verdict,
    another_subject,
    bare_subject,
    decide,
    might_be_machine,
    ticket_numbers,
    unsigned,
    vouched,
)

BY_HAND = "from our own address, not by us: a note in the conversation it belongs to, else refused"


@pytest.mark.parametrize(
    ("letter", "verdict", "reason"),
    [
        (Letter(sender=Person("alice@x")), Verdict.ACCEPT, "a person"),
        (Letter(), Verdict.ACCEPT, "a person"),
        (
            Letter(sender=Person("no-reply@x")),
            Verdict.ACCEPT,
            "a person, or a machine that does not say so",
        ),
        (Letter(unreadable="no header"), Verdict.ACCEPT, "unreadable: no header"),
        (Letter(automatic=Automatic.BOUNCE, reason="report"), Verdict.RECORD, "bounce: report"),
        (Letter(automatic=Automatic.AUTO_REPLY), Verdict.RECORD, "auto_reply"),
        (Letter(encrypted="pgp"), Verdict.ACCEPT, "encrypted: pgp"),
        (Letter(sender=Person("help@x"), mailbox="help@x"), Verdict.NOTE, BY_HAND),
        (Letter(sender=Person("it@x"), mailbox="help@x", from_own_address=True), Verdict.NOTE, BY_HAND),
        (Letter(from_own_address=True, automatic=Automatic.AUTO_REPLY), Verdict.REJECT, "our own mail"),
        (
            Letter(from_own_address=True, authentication=Authentication("mx", dmarc="fail")),
            Verdict.REJECT,
            "our own address, probably written by somebody else",
        ),
        (Letter(ours=True, automatic=Automatic.AUTO_REPLY), Verdict.REJECT, "our own mail"),
    ],
)
def test_people_are_answered_machines_recorded_colleagues_noted_and_we_ourselves_refused(
    letter: Letter, verdict: Verdict, reason: str
) -> None:
    assert (decide(letter).verdict, decide(letter).reason) == (verdict, reason)


@pytest.mark.parametrize(
    ("subject", "bare"),
    [
        ("Re: Printer", "Printer"),
        ("RE: AW: Antw: Fwd: WG: printer", "printer"),
        ("[FL-1042] Re: Printer", "Printer"),
        ("Re: [FL-1042] Printer", "Printer"),
        ("Re[3]: Printer", "Printer"),
        ("RE : TR : imprimante", "imprimante"),
        ("[EXTERNAL] Re: Printer", "Printer"),
        ("Reset: password", "Reset: password"),
        ("Report: printers", "Report: printers"),
        ("FL-1042 printer", "FL-1042 printer"),
        ("Question about FL-1042", "Question about FL-1042"),
        ("Re: FL-1042: Printer", "Printer"),
        ("Re: Printer - #FL-1042", "Printer"),
        ("***SPAM*** Rép. : [EXT] Antw.: imprimante", "imprimante"),
        ("答复：Printer", "Printer"),
        ("Re:", ""),
        ("  Printer \t on  fire ", "Printer on fire"),
    ],
)
def test_a_subject_is_what_the_writer_meant_without_what_clients_put_before_it(subject: str, bare: str) -> None:
    assert bare_subject(subject) == bare


def test_a_subject_that_was_cut_off_or_cased_otherwise_is_the_same() -> None:
    assert not another_subject("Re: PRINTER", "Printer")
    assert not another_subject("Re: My printer on the third floor", "My printer on the third floor is on fire")
    assert not another_subject("Re: ", "Printer")
    assert another_subject("Phone", "Printer")
    assert another_subject("Phone", "")


def test_ticket_numbers_are_found_as_people_write_them() -> None:
    assert ticket_numbers("re: [fl-1042] and FL-1043, not XFL-1044, FL-12 or FL-1045-2") == ["FL-1042", "FL-1043"]


@pytest.mark.parametrize("address", ["no-reply@x", "NOREPLY@x", "do_not_reply@x", "niet-beantwoorden@x", "alerts@x",
                                     "keine-antwort@x", "bounces-123@x", "scanner@x"])  # fmt: skip
def test_programs_write_from_addresses_that_are_called_so(address: str) -> None:
    assert might_be_machine(address)


@pytest.mark.parametrize("address", ["alice@x", "noreen@x", "robot.jones@x", "system.admin.alice@x", "", "info@x"])
def test_people_do_not(address: str) -> None:
    assert not might_be_machine(address)


def test_a_sender_is_who_they_say_when_our_relay_says_so() -> None:
    assert vouched(Authentication("mx", dmarc="pass"))
    assert vouched(Authentication("mx", spf="pass"))
    assert not vouched(Authentication("mx", spf="pass", dmarc="fail"))
    assert not vouched(Authentication("mx", spf="pass", dmarc="none"))
    assert not vouched(None)


@pytest.mark.parametrize(
    "text",
    [
        "Thanks!",
        "Thank you very much, it works now.",
        "Bedankt voor de snelle hulp!\n\nGroeten, Alice",
        "Hartelijk dank, opgelost.",
        "Merci beaucoup",
    ],
)
def test_thanks_are_thanks(text: str) -> None:
    assert only_thanks(text, "Alice Liddell")


@pytest.mark.parametrize(
    "text",
    [
        "Thanks, but it is still broken",
        "Thanks. Is it fixed?",
        "Bedankt, maar het werkt niet",
        "Thanks for nothing",
        "Thanks, and my phone?",
        "It works",
        "",
        "Dank, zie foto",
        "Thanks, error 0x80070005",
        "Thanks " * 30,
        "Nee bedankt",
    ],
)
def test_what_says_more_than_thanks_is_no_mere_thanks(text: str) -> None:
    assert not only_thanks(text, "Alice Liddell")


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("2\n\nAlice", "2"),
        ("2\n\nAlice Jansen\n", "2"),
        ("None of it worked.\n\n- alice", "None of it worked."),
        ("2\nAlex\n", "2\nAlex"),
        ("It is a laptop.\n\nWindows", "It is a laptop.\n\nWindows"),
        ("Alice", "Alice"),
        ("Call me:\nAlice 020 555 1234", "Call me:\nAlice 020 555 1234"),
        ("2\n\nAli", "2"),
    ],
)
def test_the_senders_own_name_below_their_words_answers_nothing(text: str, heard: str) -> None:
    assert unsigned(text, Person("a.jansen@example.org", "Alice Jansen")) == heard
