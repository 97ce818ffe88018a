"""Machines told from people, by the headers that programs write and people do not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from channels.email import mime
from channels.email.automatic import classify
from channels.letter import Automatic

CASES = yaml.safe_load(Path(__file__).with_name("machines.yml").read_text(encoding="utf-8"))
PERSON = {
    "From": "Alice <alice@firm.example>",
    "To": "support@desk.example",
    "Subject": "Help",
    "Message-ID": "<2@firm.example>",
}


def judged(case: dict[str, Any]) -> tuple[Automatic | None, str]:
    fields = "".join(f"{name}: {value}\r\n" for name, value in (PERSON | case["headers"]).items())
    message = mime.read(f"{fields}Content-Type: text/plain; charset=utf-8\r\n\r\n{case['text']}".encode())
    return classify(message, case["text"])


@pytest.mark.parametrize("case", CASES["machines"], ids=[case["name"] for case in CASES["machines"]])
def test_a_machine_is_known_by_what_it_says_of_itself(case: dict[str, Any]) -> None:
    kind, reason = judged(case)
    assert kind is not None
    assert kind.value == case["kind"]
    assert reason


@pytest.mark.parametrize("case", CASES["people"], ids=[case["name"] for case in CASES["people"]])
def test_a_person_is_never_taken_for_a_machine(case: dict[str, Any]) -> None:
    assert judged(case) == (None, "")


def report(kind: str, part: str) -> bytes:
    return (
        "From: Relay <relay@firm.example>\r\nTo: support@desk.example\r\nSubject: A report\r\n"
        f'Content-Type: multipart/report; report-type={kind}; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: text/plain\r\n\r\nSee below.\r\n--b\r\nContent-Type: {part}\r\n\r\n"
        "Feedback-Type: abuse\r\n--b--\r\n"
    ).encode()


@pytest.mark.parametrize(
    ("kind", "part", "expected"),
    [
        ("delivery-status", "message/delivery-status", Automatic.BOUNCE),
        ("feedback-report", "message/feedback-report", Automatic.FEEDBACK_REPORT),
        ("disposition-notification", "message/disposition-notification", Automatic.AUTO_REPLY),
    ],
)
def test_a_report_is_known_by_its_type(kind: str, part: str, expected: Automatic) -> None:
    assert classify(mime.read(report(kind, part)), "See below.") == (expected, f"content type: {kind}")


def test_a_report_that_a_person_attached_is_not_theirs() -> None:
    inner = report("delivery-status", "message/delivery-status")
    message = mime.read(
        b"From: Alice <alice@firm.example>\r\nSubject: What is this?\r\n"
        b'Content-Type: multipart/mixed; boundary="o"\r\n\r\n--o\r\nContent-Type: text/plain\r\n\r\nI got this.\r\n'
        b"--o\r\nContent-Type: message/rfc822\r\n\r\n" + inner + b"\r\n--o--\r\n"
    )
    assert classify(message, "I got this.") == (None, "")


def test_the_reason_names_the_field() -> None:
    case = {"headers": {"Auto-Submitted": "auto-replied"}, "text": "Away."}
    assert judged(case) == (Automatic.AUTO_REPLY, "header auto-submitted: auto-replied")
