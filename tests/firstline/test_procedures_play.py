"""`procedures play`: a conversation in the terminal, without Rasa."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.firstline.procedures_command import ROOT, Command, Ended, folder, procedures

__all__ = ["folder", "procedures"]


def _asked(ended: Ended) -> str:
    """What was said since the last answer, before the diagnosis."""
    return ended.out.split("--- ")[0].rpartition("\n> ")[2]


def _diagnosis(ended: Ended) -> str:
    return ended.out.partition("--- Diagnosis ---")[2]


def test_a_question_comes_with_numbered_answers(procedures: Command) -> None:
    ended = procedures("play", "kettle")
    assert (ended.code, ended.err) == (0, "")
    assert "Let us warm it up." in ended.out
    assert "Is it plugged in?\n  [1] Yes\n  [2] No\n" in ended.out


def test_numbers_and_words_are_answers(procedures: Command) -> None:
    ended = procedures("play", "kettle", typed=("2", "done", "nope", "metal"))
    assert "1. Is it plugged in? → No" in _diagnosis(ended)
    assert "2. Plug it in. → Done" in _diagnosis(ended)
    assert "3. Does it boil? → No" in _diagnosis(ended)
    assert "4. Which kind is it? → Steel" in _diagnosis(ended)
    assert "Steel likes chalk." in _asked(ended)
    assert "Switch it off." in _asked(ended)


def test_it_ends_where_the_procedure_ends(procedures: Command) -> None:
    ended = procedures("play", "lamp", typed=("yes", "this is not read any more"))
    assert "not read" not in ended.out
    assert "Lamp is dark (lamp, version 1): Solved" in _diagnosis(ended)


def test_an_end_at_a_person_shows_the_ticket_and_the_note(procedures: Command) -> None:
    ended = procedures("play", "lamp", typed=("no",))
    assert "(A ticket: reason security, category hardware, team onsite, impact 3, urgency 3)" in ended.out
    assert "Note: Bring a lamp." in _diagnosis(ended)


@pytest.mark.parametrize("typed", [":back", "back", "go back", "terug", "vorige"])
def test_going_back_asks_the_question_before(procedures: Command, typed: str) -> None:
    ended = procedures("play", "kettle", typed=("yes", typed))
    assert "Is it plugged in?" in _asked(ended)
    assert "Is it plugged in? → Yes (Corrected)" in _diagnosis(ended)


@pytest.mark.parametrize("typed", [":why", "why?", "waarom"])
def test_why_is_answered_and_the_question_repeated(procedures: Command, typed: str) -> None:
    asked = _asked(procedures("play", "kettle", typed=(typed,)))
    assert "No power no heat." in asked
    assert "Is it plugged in?" in asked


@pytest.mark.parametrize("typed", [":help", "help", "hulp", "?"])
def test_help_is_that_of_the_question(procedures: Command, typed: str) -> None:
    assert "Look at the label below." in _asked(procedures("play", "kettle", typed=("yes", typed)))


@pytest.mark.parametrize(
    ("typed", "told"),
    [(":skip", "Skipped"), ("skip", "Skipped"), (":unknown", "Does not know"), ("I don't know", "Does not know")],
)
def test_a_question_may_be_skipped_or_not_known(procedures: Command, typed: str, told: str) -> None:
    ended = procedures("play", "kettle", typed=("yes", "glass", "done", "done", typed))
    assert f"Where is it? → {told}" in _diagnosis(ended)


@pytest.mark.parametrize("typed", [":human", "medewerker"])
def test_a_person_may_be_asked_for(procedures: Command, typed: str) -> None:
    ended = procedures("play", "kettle", typed=(typed,))
    assert "(A ticket: reason asked, category hardware" in ended.out


def test_the_questions_may_be_stopped_or_begun_anew(procedures: Command) -> None:
    assert "): Stopped" in _diagnosis(procedures("play", "kettle", typed=(":cancel",)))
    ended = procedures("play", "kettle", typed=("yes", ":restart", "1"))
    assert _diagnosis(ended).count("Kettle stays cold (kettle, version 3)") == 2


def test_a_command_that_does_not_exist_shows_those_that_do(procedures: Command) -> None:
    ended = procedures("play", "kettle", typed=(":bakc", "yes"))
    assert "There is no :bakc. There are: :back :skip :why :help" in ended.out
    assert "Which kind is it?" in _asked(ended)


def test_an_open_question_takes_any_text(procedures: Command) -> None:
    ended = procedures("play", "kettle", typed=("yes", "glass", "done", "done", "in the kitchen"))
    assert "Where is it? → in the kitchen" in _diagnosis(ended)
    assert "Place: in the kitchen" in _diagnosis(ended)


@pytest.mark.parametrize(
    ("outcome", "end"), [("1", "Solved"), ("warm", "Solved"), ("2", "Not solved"), ("error", "Not solved")]
)
def test_the_player_says_how_an_action_ends(procedures: Command, outcome: str, end: str) -> None:
    ended = procedures("play", "kettle", typed=("yes", "glass", "done", "done", "here", "lukewarm", outcome))
    assert "(The action action_measure runs. How does it end?)\n\n  [1] warm\n  [2] error\n" in ended.out
    assert "(Choose one of the outcomes.)" in ended.out
    assert f"(kettle, version 3): {end}" in _diagnosis(ended)


def test_the_end_of_the_input_in_an_action_is_the_end(procedures: Command) -> None:
    ended = procedures("play", "kettle", typed=("yes", "glass", "done", "done", "here"))
    assert ended.code == 0
    assert "Where is it? → here" in _diagnosis(ended)


def test_the_assistant_speaks_dutch_when_told_to(procedures: Command) -> None:
    ended = procedures("play", "lamp", "--language", "nl", typed=("nee",))
    assert "Is er licht met een andere lamp?\n  [1] Ja\n  [2] Nee\n" in ended.out
    assert "--- Diagnose ---" in ended.out
    assert "Notitie: Neem een lamp mee." in ended.out


def test_without_a_name_the_first_message_begins(procedures: Command) -> None:
    ended = procedures("play", typed=("My lamp is dark", "yes"))
    assert "What is the matter? One of: Kettle stays cold, Lamp is dark" in ended.out
    assert "Lamp is dark (lamp, version 1): Solved" in _diagnosis(ended)


def test_a_first_message_that_only_resembles_a_procedure_has_it_offered(procedures: Command) -> None:
    ended = procedures("play", typed=("my old lamp is so dark", "1", "yes"))
    assert "[1] Lamp is dark\n" in ended.out
    assert "Lamp is dark (lamp, version 1): Solved" in _diagnosis(ended)


def test_another_problem_in_the_middle_is_gone_into(procedures: Command) -> None:
    ended = procedures("play", "kettle", typed=("my lamp is dark", "yes"))
    assert "Is it plugged in?" in _asked(ended)
    assert "Lamp is dark (lamp, version 1): Solved" in _diagnosis(ended)


def test_small_talk_is_left_to_rasa_and_the_question_repeated(procedures: Command) -> None:
    ended = procedures("play", typed=("hello", "my lamp is dark", "thank you"))
    assert ended.out.count("(Rasa answers this, not a procedure.)") == 2
    assert "Is there light with another bulb?" in _asked(ended)


def test_a_password_is_warned_of_as_in_the_product(procedures: Command) -> None:
    assert "password" in _asked(procedures("play", "kettle", typed=("my password is Zomer2024!",)))


def test_facts_and_a_first_message_can_be_given(procedures: Command) -> None:
    arguments = ("--message", "it is not hot", "--fact", "kettle_kind=glass")
    ended = procedures("play", "kettle", *arguments, typed=("yes",))
    assert "Switch it off." in _asked(ended)
    assert "Kettle kind: glass" in _diagnosis(ended)
    assert "Asked, not answered: Switch it off." in _diagnosis(ended)


def test_a_fact_without_a_value_is_wrong_use(procedures: Command) -> None:
    with pytest.raises(SystemExit) as ended:
        procedures("play", "kettle", "--fact", "kettle_kind")
    assert ended.value.code == 2


def test_a_shared_procedure_is_played_where_it_is_called(procedures: Command) -> None:
    ended = procedures("play", "pause")
    assert (ended.code, ended.out) == (2, "")
    assert "its callers: kettle" in ended.err


def test_nothing_typed_is_nothing_begun(procedures: Command) -> None:
    ended = procedures("play")
    assert ended.code == 0
    assert "No procedure was begun." in _diagnosis(ended)


def test_typed_lines_are_repeated_where_they_come_through_a_pipe(procedures: Command) -> None:
    assert "\n> no\n" in procedures("play", "lamp", typed=("", "no")).out


def _arguments(folder: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "firstline", "procedures", "play", *more, "--folder", str(folder)]


def test_it_can_be_played_through_real_pipes(folder: Path) -> None:
    done = subprocess.run(
        _arguments(folder, "lamp"), input=b"\xff\xfe\nno\n", capture_output=True, cwd=ROOT, timeout=30
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert "Note: Bring a lamp." in done.stdout.decode()


def test_ctrl_c_ends_it_without_a_traceback(folder: Path) -> None:
    playing = subprocess.Popen(
        _arguments(folder, "lamp"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    )
    with playing:
        assert playing.stdout is not None
        while b"[2] No" not in playing.stdout.readline():
            pass
        playing.send_signal(signal.SIGINT)
        _, err = playing.communicate(timeout=30)
    assert playing.returncode == 130
    assert err == b""


def test_on_a_terminal_there_is_a_prompt_and_ctrl_d_ends_it(folder: Path) -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen(_arguments(folder, "lamp"), stdin=theirs, stdout=theirs, stderr=theirs, cwd=ROOT) as playing:
        os.close(theirs)
        seen = b""
        while b"\n> " not in seen.replace(b"\x1b[?2004h", b""):
            seen += os.read(ours, 1024)
        os.write(ours, b":why\n\x04")
        while chunk := _read(ours):
            seen += chunk
    os.close(ours)
    assert playing.returncode == 0
    assert b"Diagnosis" in seen
    assert b"Traceback" not in seen


def _read(terminal: int) -> bytes:
    """What the terminal shows next; nothing when its last process has gone."""
    try:
        return os.read(terminal, 1024)
    except OSError:
        return b""
