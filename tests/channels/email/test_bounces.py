"""What mail systems say of mail that did not arrive: as the standard has it, and in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from channels.email import mime
from channels.email.bounces import bounces

CASES = yaml.safe_load(Path(__file__).with_name("bounces.yml").read_text(encoding="utf-8"))
HEAD = {"From": "MAILER-DAEMON@relay.example", "To": "support@desk.example", "Subject": "Undelivered mail"}


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_mail_system_s_words_are_understood(case: dict[str, Any]) -> None:
    fields = "".join(f"{name}: {value}\r\n" for name, value in (HEAD | case.get("headers", {})).items())
    found = bounces(mime.read(f"{fields}\r\n{case['text']}".encode()), case["text"])
    assert {bounce.recipient: [bounce.permanent, bounce.status] for bounce in found} == case["expected"]
    assert {bounce.message_id for bounce in found} == {case.get("message_id")}
    assert all(bounce.detail for bounce in found)


def notification(*recipients: str, returned: str = "message/rfc822") -> bytes:
    groups = "\r\n\r\n".join(recipients)
    return (
        "From: MAILER-DAEMON@relay.example\r\nTo: support@desk.example\r\nSubject: Undelivered Mail\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nIt did not arrive.\r\n"
        f"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; relay.example\r\n\r\n{groups}\r\n"
        f"--b\r\nContent-Type: {returned}\r\n\r\nFrom: support@desk.example\r\nTo: bob@firm.example\r\n"
        "Message-ID: <sent.1@desk.example>\r\nSubject: Your ticket\r\n\r\nHello\r\n--b--\r\n"
    ).encode()


BOB = (
    "Final-Recipient: rfc822; Bob@Firm.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    "Diagnostic-Code: smtp; 550 5.1.1 <bob@firm.example>:\r\n    Recipient address rejected"
)


@pytest.mark.parametrize("returned", ["message/rfc822", "text/rfc822-headers"])
def test_a_delivery_status_notification_names_the_recipient_the_reason_and_the_mail(returned: str) -> None:
    (bounce,) = bounces(mime.read(notification(BOB, returned=returned)), "It did not arrive.")
    assert (bounce.recipient, bounce.permanent, bounce.status) == ("bob@firm.example", True, "5.1.1")
    assert bounce.detail == "550 5.1.1 <bob@firm.example>: Recipient address rejected"
    assert bounce.message_id == "sent.1@desk.example"


def test_what_is_delayed_is_not_over_and_what_arrived_is_not_told() -> None:
    delayed = "Final-Recipient: rfc822; charlie@firm.example\r\nAction: delayed\r\nStatus: 4.4.1"
    arrived = "Final-Recipient: rfc822; dirk@firm.example\r\nAction: delivered\r\nStatus: 2.1.5"
    found = bounces(mime.read(notification(BOB, delayed, arrived)), "It did not arrive.")
    assert [(bounce.recipient, bounce.permanent) for bounce in found] == [
        ("bob@firm.example", True),
        ("charlie@firm.example", False),
    ]


@pytest.mark.parametrize(
    ("action", "status", "permanent", "given_up"),
    [
        ("failed", "5.1.1", True, True),
        ("failed", "4.4.7", False, True),
        ("delayed", "4.4.1", False, False),
        ("delayed", "5.0.0", False, False),
    ],
)
def test_what_failed_after_days_is_given_up_though_nothing_is_wrong_for_good(
    action: str, status: str, *, permanent: bool, given_up: bool
) -> None:
    group = f"Final-Recipient: rfc822; bob@firm.example\r\nAction: {action}\r\nStatus: {status}"
    (bounce,) = bounces(mime.read(notification(group)), "It did not arrive.")
    assert (bounce.permanent, bounce.given_up) == (permanent, given_up)


@pytest.mark.parametrize(
    ("said", "given_up"),
    [
        ("<bob@firm.example>: 421 4.4.1 connection timed out. I'm giving up; it was in the queue too long.", True),
        (
            "<bob@firm.example>: 421 4.4.1 connection timed out. We will keep trying for 3 days before we give up.",
            False,
        ),
        ("<bob@firm.example>: 421 4.4.1 connection timed out", False),
    ],
)
def test_in_words_too_what_is_given_up_is_told_from_what_is_tried_again(said: str, *, given_up: bool) -> None:
    fields = "".join(f"{name}: {value}\r\n" for name, value in HEAD.items())
    text = f"This is about your mail.\n\n{said}\n"
    (bounce,) = bounces(mime.read(f"{fields}\r\n{text}".encode()), text)
    assert (bounce.permanent, bounce.given_up) == (False, given_up)


def test_the_address_that_was_written_to_counts_not_where_it_was_forwarded() -> None:
    forwarded = (
        "Original-Recipient: rfc822;bob@firm.example\r\nFinal-Recipient: rfc822; robert@elsewhere.example\r\n"
        "Action: failed\r\nStatus: 5.1.1"
    )
    assert [b.recipient for b in bounces(mime.read(notification(forwarded)), "")] == ["bob@firm.example"]


def test_a_vague_status_gives_way_to_what_the_other_side_said() -> None:
    vague = BOB.replace("Status: 5.1.1", "Status: 5.0.0")
    assert [b.status for b in bounces(mime.read(notification(vague)), "")] == ["5.1.1"]


def test_a_person_who_tells_of_a_bounce_has_none() -> None:
    text = "My mail to bob@firm.example could not be delivered: 550 5.1.1 user unknown"
    message = mime.read(f"From: Alice <alice@firm.example>\r\nSubject: Mail failure\r\n\r\n{text}".encode())
    assert bounces(message, text) == ()
