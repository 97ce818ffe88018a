"""`python -m bot understand`, with the model that is served."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine_process import PYTHON, ROOT, trained_model

pytestmark = [pytest.mark.slow, pytest.mark.rasa]


def understand(model: Path, lines: bytes) -> subprocess.CompletedProcess[bytes]:
    command = [str(PYTHON), "-m", "bot", "understand", "--model", str(model)]
    return subprocess.run(command, cwd=ROOT, input=lines, capture_output=True, timeout=60)


@pytest.fixture(scope="module")
def model() -> Path:
    return trained_model()


@pytest.fixture(scope="module")
def asked(model: Path) -> Iterator[Any]:
    """Answers one text after another, in one process."""
    command = [str(PYTHON), "-m", "bot", "understand", "--model", str(model)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def ask(text: str) -> dict[str, Any]:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(text.encode() + b"\n")
            process.stdin.flush()
            answer: dict[str, Any] = json.loads(process.stdout.readline())
            return answer

        yield ask
        process.stdin.close()
        assert process.wait(10) == 0


def test_each_line_is_answered_at_once(asked: Any) -> None:
    first = asked("my printer PR-0231 is offline since this morning")
    assert (first["intent"], first["topic"], first["language"], first["decision"]) == (
        "printer_offline",
        "printer",
        "en",
        "act",
    )
    assert first["ranking"][0]["intent"] == "printer_offline"
    assert len(first["ranking"]) == 5
    facts = {each["entity"]: each["value"] for each in first["entities"]}
    assert facts == {"equipment": "printer", "host_name": "PR-0231", "since_when": "today"}
    assert asked("mijn mailbox zit vol")["language"] == "nl"


@pytest.mark.parametrize(
    ("text", "decision"),
    [
        ("ik ben mijn wachtwoord vergeten", "act"),
        ("hello", "act"),
        ("i want to talk to a person", "act"),
        ("my wifi is down and my mailbox is full", "act"),
        ("help", "clarify"),
        ("er is iets mis", "clarify"),
        ("what is the capital of australia", "fallback"),
        ("", "fallback"),
        ("漢字", "fallback"),
    ],
)
def test_the_decision_is_the_products(asked: Any, text: str, decision: str) -> None:
    assert asked(text)["decision"] == decision


def test_an_empty_line_has_no_intent(asked: Any) -> None:
    answer = asked("")
    assert (answer["intent"], answer["topic"], answer["confidence"], answer["ranking"]) == (None, None, 0.0, [])


def test_an_intent_without_a_topic_says_null(asked: Any) -> None:
    assert asked("never mind")["topic"] is None


def test_bytes_that_are_no_text_and_very_long_lines_are_borne(model: Path) -> None:
    done = understand(model, b"\xff\xfe my wifi is down\r\n" + b"printer " * 100_000 + b"\nlast line without an end")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["topic"] for each in answers[:2]] == ["wifi_network", "printer"]
    assert len(answers) == 3
    assert done.returncode == 0


def test_without_a_model_it_says_what_makes_one(tmp_path: Path) -> None:
    done = understand(tmp_path, b"hello\n")
    assert done.returncode == 2
    assert b"python -m bot train" in done.stderr
    assert done.stdout == b""
