"""Messages that their sender changes after they were sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from channels.contract import Edit
from desk import answering, conversations, editing
from desk.answering import Question
from desk.model.conversation import Message
from desk.model.errors import Invalid
from desk.model.technician import Technician
from desk.store import messages
from desk.store.database import Database
from tests.desk.conftest import WORDS
from tests.new_desk import START

LEASE = timedelta(minutes=1)


def _edit(database: Database, text: str | None, external_id: str = "m1", who: str = "alice") -> int | None:
    edited = Edit("web", who, external_id, START, text)
    with database.transaction() as tx:
        return editing.edit(tx, edited, START, WORDS)


def _message(database: Database, conversation: int) -> Message:
    with database.snapshot() as tx:
        return messages.after(tx, conversation)[0]


def _claim(database: Database) -> Question | None:
    with database.transaction() as tx:
        claimed = answering.claim(tx, "w", START, LEASE)
    assert claimed is None or isinstance(claimed, Question)
    return claimed


def test_what_the_assistant_has_not_seen_yet_is_read_as_it_stands_now(
    database: Database, write: Callable[..., int]
) -> None:
    begun = write("My pinter jams")
    assert _edit(database, "My printer jams") == begun
    claimed = _claim(database)
    assert claimed is not None
    assert claimed.message.text == "My printer jams"
    assert _claim(database) is None


def test_what_is_being_answered_already_is_not_asked_twice(database: Database, write: Callable[..., int]) -> None:
    begun = write("My pinter jams")
    assert _claim(database) is not None
    _edit(database, "My printer jams")
    assert _message(database, begun).text == "My printer jams"
    assert _claim(database) is None


def test_how_it_read_before_is_kept(database: Database, write: Callable[..., int]) -> None:
    begun = write("My pinter jams")
    _edit(database, "My printer jams")
    _edit(database, "My printer jams again")
    message = _message(database, begun)
    assert message.edited_at == START
    with database.snapshot() as tx:
        assert [text for text, _ in messages.versions(tx, message.id)] == ["My pinter jams", "My printer jams"]


def test_a_password_in_a_changed_message_is_masked_too(database: Database, write: Callable[..., int]) -> None:
    begun = write("I cannot log in")
    _edit(database, "I cannot log in, my password is Hunter2xyz!")
    assert "Hunter2xyz" not in _message(database, begun).text


def test_a_message_taken_back_before_it_was_seen_is_not_answered(database: Database, write: Callable[..., int]) -> None:
    begun = write("Oops, wrong window")
    _edit(database, None)
    message = _message(database, begun)
    assert (message.text, message.deleted) == ("", True)
    assert _claim(database) is None


def test_the_same_change_told_twice_is_one_version(database: Database, write: Callable[..., int]) -> None:
    begun = write("My pinter jams")
    assert _edit(database, "My printer jams") == begun
    assert _edit(database, "My printer jams") is None


def test_a_message_nobody_knows_is_not_changed(database: Database, write: Callable[..., int]) -> None:
    begun = write("My printer jams")
    assert _edit(database, "Ha!", who="mallory") is None
    assert _edit(database, "Ha!", external_id="m99") is None
    assert _message(database, begun).text == "My printer jams"


def test_a_note_is_changed_by_its_writer_only_and_stays_internal(
    database: Database, write: Callable[..., int], tess: Technician, tom: Technician
) -> None:
    begun = write("My printer jams")
    with database.transaction() as tx:
        seq = conversations.note(tx, begun, tess, "It is the fuze", START)
        assert not editing.edit_note(tx, begun, seq, tom, "Tom was here", START)
        assert not editing.edit_note(tx, begun, 1, tess, "not the customer's words", START)
        assert not editing.edit_note(tx, begun, 99, tess, "nor what is not there", START)
        assert editing.edit_note(tx, begun, seq, tess, " It is the fuse ", START)
        assert not editing.edit_note(tx, begun, seq, tess, "It is the fuse", START)
        with pytest.raises(Invalid):
            editing.edit_note(tx, begun, seq, tess, " ", START)
        note = messages.in_conversation(tx, begun, seq)
        assert note is not None
        assert (note.text, note.internal) == ("It is the fuse", True)
        assert editing.edit_note(tx, begun, seq, tess, None, START)
        assert not editing.edit_note(tx, begun, seq, tess, "back again", START)
        assert [text for text, _ in messages.versions(tx, note.id)] == ["It is the fuze", "It is the fuse"]
