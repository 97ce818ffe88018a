"""What is said to who sends files: the assistant cannot look into them."""

from __future__ import annotations

import pytest

from channels.contract import Author, File, Incoming
from desk import answering, inbox
from desk.answering import Shown
from desk.model.turn import Reply, Turn
from desk.store import messages
from desk.store.database import Database
from tests.desk.conftest import WORDS, Clock
from tests.desk.test_attachments import LEASE, image, said, send, upload


@pytest.mark.parametrize(("language", "words"), [("en", "kept that"), ("nl", "bewaard")])
def test_the_assistant_is_not_asked_about_a_file_without_words_and_asks_for_them(
    database: Database, clock: Clock, language: str, words: str
) -> None:
    shot = File("a.png", "image/png", image("PNG"))
    incoming = Incoming("web", "alice", "m1", "", clock(), language=language, attachments=(shot,))
    with database.transaction() as tx:
        conversation = inbox.accept(tx, incoming, clock(), WORDS).conversation
        assert answering.claim(tx, "w", clock(), LEASE) == Shown(conversation)
        assert answering.claim(tx, "w", clock(), LEASE) is None
        answer = messages.after(tx, conversation)[-1]
    assert answer.author is Author.BOT
    assert words in answer.text


def test_files_that_are_sent_together_are_answered_once(database: Database, clock: Clock) -> None:
    def sends(number: int) -> list[str]:
        shot = File(f"{number}.png", "image/png", image("PNG"))
        conversation = send(database, clock, external_id=f"m{number}", brought=[shot])
        with database.transaction() as tx:
            assert answering.claim(tx, "w", clock(), LEASE) == Shown(conversation)
        return [text for text, _ in said(database, conversation) if "kept that" in text]

    for number in (1, 2, 3):
        assert len(sends(number)) == 1
        clock.tick(20)
    clock.tick(60)
    assert len(sends(4)) == 2


def test_a_picture_that_belongs_to_words_is_not_asked_about(database: Database, clock: Clock) -> None:
    shot = File("a.png", "image/png", image("PNG"))
    conversation = send(database, clock, text="My screen shows this", brought=[shot])
    send(database, clock, external_id="m2", brought=[shot])
    with database.transaction() as tx:
        question = answering.claim(tx, "w", clock(), LEASE)
        assert isinstance(question, answering.Question)
        answering.finish(tx, question, Turn((Reply("Is it switched on?"),), "en"), clock())
        assert answering.claim(tx, "w", clock(), LEASE) == Shown(conversation)
    assert [text for text, _ in said(database, conversation)] == ["My screen shows this", "", "Is it switched on?"]


def test_the_assistant_is_asked_about_the_words_beside_a_file(database: Database, clock: Clock) -> None:
    send(database, clock, upload(database, clock).id, text="My screen shows this")
    with database.transaction() as tx:
        question = answering.claim(tx, "w", clock(), LEASE)
    assert isinstance(question, answering.Question)
    assert question.message.text == "My screen shows this"
