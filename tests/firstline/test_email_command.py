"""``firstline email inspect``: what is made of a mail, for whoever asks."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from firstline.__main__ import main
from tests.channels.email.mails import mail, multipart, part


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FIRSTLINE_DATA_DIR", str(tmp_path / "var"))
    return tmp_path


def write(home: Path, name: str, raw: bytes) -> str:
    (home / name).write_bytes(raw)
    return name


def printed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_each_mail_is_a_line(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    raw = multipart(
        "mixed",
        part("text/html", "<p>Hé, it jams.</p>"),
        part("application/pdf", "%PDF", "Content-Disposition: attachment; filename=a.pdf"),
        fields=("Cc: Bob <bob@example.org>", "References: <0@a>"),
    )
    assert main(["email", "inspect", write(home, "1.eml", raw), write(home, "2.eml", mail())]) == 0
    first, second = printed(capsys)
    assert first["from"] == "Alice Jansen <alice@example.org>"
    assert (first["to"], first["cc"]) == (["support@example.com"], ["Bob <bob@example.org>"])
    assert (first["subject"], first["message_id"], first["references"]) == ("Printer", "1@mail.example.org", ["0@a"])
    assert first["date"] == "2026-11-26T08:58:00+00:00"
    assert (first["text"], first["reply_text"], first["html_kept"]) == ("Hé, it jams.", "Hé, it jams.", True)
    assert first["attachments"] == [{"name": "a.pdf", "type": "application/pdf", "size": 4}]
    assert (first["automatic"], first["automatic_reason"]) == (None, None)
    assert first["decision"] == "accept"
    assert first["decision_reason"]
    assert (second["text"], second["html_kept"]) == ("My printer jams.", False)


def test_a_machines_mail_says_why_it_is_one(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["email", "inspect", write(home, "1.eml", mail("Away", "Auto-Submitted: auto-replied"))]) == 0
    (found,) = printed(capsys)
    assert (found["automatic"], found["decision"]) == ("auto_reply", "record only")
    assert "auto-submitted" in str(found["automatic_reason"])


def test_a_mail_from_our_own_address_is_a_note_or_nothing(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRSTLINE_MAIL_ADDRESSES", "Alice@example.org")
    assert main(["email", "inspect", write(home, "1.eml", mail())]) == 0
    (found,) = printed(capsys)
    assert (found["decision"], "own address" in str(found["decision_reason"])) == ("record only", True)


def test_a_file_that_cannot_be_read_does_not_stop_the_others(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["email", "inspect", "missing.eml", ".", write(home, "1.eml", mail())]) == 1
    out = capsys.readouterr()
    assert [json.loads(line)["subject"] for line in out.out.splitlines()] == ["Printer"]
    assert out.err.splitlines() == [
        "firstline: missing.eml: No such file or directory",
        "firstline: .: Is a directory",
    ]


def test_a_mail_is_read_from_the_input(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(mail())))
    assert main(["email", "inspect", "-"]) == 0
    assert [found["subject"] for found in printed(capsys)] == ["Printer"]


def test_what_is_no_mail_is_accepted_and_said_to_be_unreadable(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["email", "inspect", write(home, "1.eml", b"\x00\xff")]) == 0
    (found,) = printed(capsys)
    assert (found["unreadable"], found["decision"]) == ("it has no header", "accept")


def test_nothing_is_kept(home: Path) -> None:
    assert main(["email", "inspect", write(home, "1.eml", mail())]) == 0
    assert not list(home.rglob("*.db"))
