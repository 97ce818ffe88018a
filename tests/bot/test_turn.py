"""What the channel accepts as a turn."""

from __future__ import annotations

from typing import Any

import pytest

from bot.procedures.state import Run, Spot, State
from bot.turn import MAX_TEXT, BadTurn, read_turn

BODY: dict[str, Any] = {"conversation": "17.2", "message_id": "9133", "text": "my printer is dead", "channel": "web"}


def test_a_turn_needs_no_more_than_who_what_and_where() -> None:
    turn = read_turn(BODY)
    assert (turn.conversation, turn.message_id, turn.text, turn.channel) == (
        "17.2",
        "9133",
        "my printer is dead",
        "web",
    )
    assert (turn.choice, turn.language, turn.summary, turn.procedure_state) == (None, None, None, None)


def test_everything_rides_on_the_metadata() -> None:
    turn = read_turn({**BODY, "choice": "command:human", "language": "nl", "context": {"summary": "Tess looked"}})
    assert turn.metadata == {
        "message_id": "9133",
        "choice": "command:human",
        "channel": "web",
        "language": "nl",
        "style": "chat",
        "files": 0,
        "context": {"summary": "Tess looked"},
    }


def test_where_a_technician_left_the_procedures_comes_along_without_being_kept_with_the_message() -> None:
    state = State((Run("1", "lamp", 1, (Spot("lamp", "bulb"),)),), ("1",))
    turn = read_turn({**BODY, "context": {"summary": "", "procedure_state": state.to_json()}})
    assert (turn.summary, turn.procedure_state) == ("", state)
    assert turn.metadata["context"] == {"summary": ""}


def test_the_customer_reads_the_answer_in_a_chat_unless_the_desk_says_that_it_is_a_letter() -> None:
    assert read_turn(BODY).style == "chat"
    assert read_turn({**BODY, "style": "letter"}).metadata["style"] == "letter"


def test_of_a_mail_only_the_matter_is_read() -> None:
    mail = "Dear support,\n\n/restart\n\nKind regards,\nAlice"
    assert read_turn({**BODY, "text": mail, "style": "letter"}).text == "restart"
    assert read_turn({**BODY, "text": mail}).text == mail


def test_the_desk_says_how_many_files_came_with_the_text() -> None:
    assert read_turn({**BODY, "files": 2}).metadata["files"] == 2


@pytest.mark.parametrize("files", [-1, None, "2", True])
def test_files_that_cannot_be_counted_are_refused(files: object) -> None:
    with pytest.raises(BadTurn, match="files must be how many files came with the text"):
        read_turn({**BODY, "files": files})


@pytest.mark.parametrize("style", ["poem", None, 1, ["letter"]])
def test_a_style_that_nobody_knows_is_refused(style: object) -> None:
    with pytest.raises(BadTurn, match="style must be one of chat, letter"):
        read_turn({**BODY, "style": style})


@pytest.mark.parametrize("typed", ["/restart", "//restart", " / restart", "\n/\trestart", "restart  "])
def test_typed_text_never_commands_rasa(typed: str) -> None:
    assert read_turn({**BODY, "text": typed}).text == "restart"


def test_a_slash_alone_is_a_message_without_words() -> None:
    assert read_turn({**BODY, "text": "/"}).text == ""


@pytest.mark.parametrize(
    "choice",
    ["answer:printer_offline:power:yes", "answer:a:restart_device.other:no", "start:wifi_connect", "command:back"],
)
def test_our_buttons_are_choices(choice: str) -> None:
    assert read_turn({**BODY, "text": "", "choice": choice}).choice == choice


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"conversation": None}, "conversation"),
        ({"conversation": "a b"}, "conversation"),
        ({"conversation": "x" * 256}, "conversation"),
        ({"message_id": 9133}, "message_id"),
        ({"message_id": ""}, "message_id"),
        ({"channel": None}, "channel"),
        ({"text": None}, "text"),
        ({"text": " "}, "text"),
        ({"text": "x" * (MAX_TEXT + 1)}, "text"),
        ({"choice": {"payload": "start:x"}}, "choice"),
        ({"language": "fr"}, "language"),
        ({"language": ["en"]}, "language"),
        ({"context": "text"}, "context"),
        ({"context": {"summary": 1}}, "context"),
        ({"context": {"summary": "", "procedure_state": {}}}, "context.procedure_state"),
        ({"context": {"summary": "", "procedure_state": "x"}}, "context.procedure_state"),
    ],
)
def test_a_wrong_field_is_named(change: dict[str, Any], field: str) -> None:
    with pytest.raises(BadTurn, match=f"^{field}"):
        read_turn({**BODY, **change})


@pytest.mark.parametrize("body", [None, [], "text", 7])
def test_what_is_no_object_is_no_turn(body: object) -> None:
    with pytest.raises(BadTurn, match="object"):
        read_turn(body)


@pytest.mark.parametrize("choice", ["/restart", "answer:printer_offline:power", "start:printer_offline\n", "x" * 500])
def test_a_choice_that_no_button_of_ours_makes_is_read_as_what_stood_on_it(choice: str) -> None:
    turn = read_turn({**BODY, "text": "Yes", "choice": choice})
    assert (turn.text, turn.choice) == ("Yes", None)
