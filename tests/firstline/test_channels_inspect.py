"""``firstline channels inspect``: what an adapter makes of recorded payloads."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from firstline.__main__ import main
from tests.channels.telegram.payloads import CONTENTS, MESSAGE, TEXT, UPDATES


@pytest.fixture(autouse=True)
def _without_settings_or_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def nowhere(*_: object) -> None:
        raise AssertionError("it wants the network")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FIRSTLINE_PORT", "eight")  # whatever looks at the settings fails
    monkeypatch.setattr(socket.socket, "connect", nowhere)


def inspected(capsys: pytest.CaptureFixture[str], *payloads: object) -> list[dict[str, object]]:
    """What is printed for files with these payloads."""
    files = []
    for number, payload in enumerate(payloads):
        files.append(Path(f"{number}.json"))
        files[-1].write_text(json.dumps(payload))
    assert main(["channels", "inspect", "telegram", *map(str, files)]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_message_is_printed_as_the_desk_gets_it(capsys: pytest.CaptureFixture[str]) -> None:
    message = {**MESSAGE, **CONTENTS["document"], "caption": "Please sign é"}
    (found,) = inspected(capsys, {"update_id": 1, "message": message})
    assert found == {
        "channel": "telegram",
        "address": "1001",
        "external_id": "1001:7",
        "text": "Please sign é",
        "received_at": "2026-09-21T14:13:20+00:00",
        "thread": "",
        "choice": None,
        "language": "nl",
        "name": "Alice Ä. Smith",
        "press": None,
        "command": None,
        "attachments": [{"id": "f1", "name": "report.pdf", "type": "application/pdf", "size": 5}],
    }


def test_each_payload_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    updates = [{"update_id": number, kind: payload} for number, (kind, payload) in enumerate(UPDATES.items())]
    found = inspected(capsys, updates, TEXT, {"update_id": 1, "message": {**MESSAGE, "text": "/start code"}})
    assert len(found) == len(UPDATES) + 2
    by_kind = dict(zip(UPDATES, found, strict=False))
    assert by_kind["inline_query"] == {"ignored": "update of type inline_query"}
    assert by_kind["callback_query"]["press"] == {"conversation": 7, "seq": 3, "index": 1}
    assert isinstance(by_kind["edited_message"]["edit"], dict)
    assert by_kind["my_chat_member"]["unreachable"]
    assert found[-2]["text"] == "My printer does not print"
    assert found[-1] == {"join": {"channel": "telegram", "address": "1001", "code": "code"}}


def test_a_file_that_cannot_be_read_is_told_and_the_others_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    Path("good.json").write_text("{}")
    Path("bad.json").write_text("{")
    Path("binary.json").write_bytes(b"\xff\xfe\x00")
    assert main(["channels", "inspect", "telegram", "bad.json", "none.json", "binary.json", "good.json"]) == 1
    printed = capsys.readouterr()
    assert printed.out == '{"ignored": "not an update"}\n'
    complaints = printed.err.splitlines()
    assert [line.split(":")[1].strip() for line in complaints] == ["bad.json", "none.json", "binary.json"]
    assert "is not JSON" in complaints[0]
    assert "cannot be read" in complaints[1]


def test_what_is_no_payload_at_all_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    for name, content in {"none.json": "[]", "number.json": "3", "mixed.json": '[{}, "x"]'}.items():
        Path(name).write_text(content)
    assert main(["channels", "inspect", "telegram", "none.json", "number.json", "mixed.json"]) == 1
    printed = capsys.readouterr()
    assert printed.out == '{"ignored": "not an update"}\n'
    assert printed.err.splitlines() == [
        "firstline: none.json: holds an empty list",
        "firstline: number.json: holds what is not an object, as payloads are: 3",
        'firstline: mixed.json: holds what is not an object, as payloads are: "x"',
    ]
