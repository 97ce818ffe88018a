"""Calendar files: what, when, where and who."""

from __future__ import annotations

import pytest

from channels.email import invitations
from tests.channels.email.mails import letter, multipart, part, read

OUTLOOK = """BEGIN:VCALENDAR
METHOD:REQUEST
VERSION:2.0
BEGIN:VTIMEZONE
TZID:W. Europe Standard Time
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:1
ORGANIZER;CN=Alice Jansen:mailto:alice@example.org
ATTENDEE;PARTSTAT=NEEDS-ACTION;CN=Bob:mailto:bob@example.org
ATTENDEE;CN=support@example.com:MAILTO:support@example.com
DESCRIPTION;LANGUAGE=nl-NL:Even samen kijken.
SUMMARY;LANGUAGE=nl-NL:Printer op de derde verdieping
DTSTART;TZID=W. Europe Standard Time:20261201T140000
DTEND;TZID=W. Europe Standard Time:20261201T150000
LOCATION;LANGUAGE=nl-NL:Kamer 3.12
END:VEVENT
END:VCALENDAR
"""
TOLD = """Uitnodiging: Printer op de derde verdieping
Wanneer: 2026-12-01 14:00 tot 15:00 (W. Europe Standard Time)
Waar: Kamer 3.12
Organisator: Alice Jansen <alice@example.org>
Wie: Bob <bob@example.org>, support@example.com"""


def event(*lines: str, method: str = "REQUEST") -> str:
    return "\r\n".join(
        ["BEGIN:VCALENDAR", f"METHOD:{method}", "BEGIN:VEVENT", "SUMMARY:Lunch", *lines, "END:VEVENT", "END:VCALENDAR"]
    )


def test_an_invitation_is_told_in_its_language() -> None:
    assert invitations.text(OUTLOOK) == f"{TOLD}\n\nEven samen kijken."


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["DTSTART:20261201T140000Z", "DURATION:PT30M"], "When: 2026-12-01 14:00 to 14:30 (UTC)"),
        (["DTSTART;VALUE=DATE:20261201", "DTEND;VALUE=DATE:20261202"], "When: 2026-12-01"),
        (["DTSTART;VALUE=DATE:20261201", "DTEND;VALUE=DATE:20261204"], "When: 2026-12-01 to 2026-12-03"),
        (["DTSTART:20261201T230000Z", "DTEND:20261202T010000Z"], "When: 2026-12-01 23:00 to 2026-12-02 01:00 (UTC)"),
        (["DTSTART:20261201T140000"], "When: 2026-12-01 14:00"),
    ],
)
def test_when_it_is(lines: list[str], told: str) -> None:
    assert invitations.text(event(*lines)) == f"Invitation: Lunch\n{told}"


def test_answers_and_cancellations_say_so() -> None:
    answer = event("ATTENDEE;PARTSTAT=DECLINED;CN=Bob:mailto:bob@example.org", method="REPLY")
    assert invitations.text(answer) == "Answer to the invitation: Lunch\nBob <bob@example.org> declines"
    assert invitations.text(event(method="CANCEL")) == "Cancelled: Lunch"


@pytest.mark.parametrize(
    "content", ["", "no calendar", "BEGIN:VCALENDAR\nBEGIN:VEVENT", event("DTSTART:x\r\nEND:VTODO")]
)
def test_damaged_ones_say_nothing(content: str) -> None:
    assert "Invitation" not in invitations.text(content) or "When" not in invitations.text(content)


def test_a_mail_with_an_invitation_tells_it_below_its_own_words() -> None:
    raw = multipart(
        "alternative",
        part("text/plain", "Kom je?\r\n\r\nEven samen kijken."),
        part("text/calendar; method=REQUEST; charset=utf-8", OUTLOOK),
    )
    incoming = read(raw)
    assert letter(incoming).full_text == f"Kom je?\n\nEven samen kijken.\n\n{TOLD}"
    assert [(file.name, file.type) for file in incoming.attachments] == [("document.ics", "text/calendar")]
