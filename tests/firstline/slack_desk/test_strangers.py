"""Who writes by mail in reply to a conversation they do not take part in is let in, or kept apart, in Slack too."""

from __future__ import annotations

from desk import conversations
from desk.model.letter import Standing
from desk.model.technician import Technician
from desk.store import mail_threads
from tests.channels.slack.fake_slack import Message as Posted
from tests.desk.conftest import WORDS
from tests.desk.mails import MALLORY, Mails
from tests.firstline.slack_desk.conftest import Room
from tests.firstline.slack_desk.team_slack import BOB, TESS, TOM, titles, words


async def strange(room: Room, tess: Technician) -> tuple[int, int, Posted]:
    """Mallory writes in reply to Alice's conversation: hers, Alice's, and the card of hers."""
    mails = Mails(room.database, room.clock.tick, WORDS)
    original = mails.write("The code of the safe is in the drawer", id="alice@x", subject="Safe")
    room.do(lambda tx: conversations.take(tx, original, tess, room.clock.tick()))
    own = mails.write("And what did she say?", MALLORY, answers="alice@x", subject="Re: Safe")
    await room.sync()
    return own, original, room.slack.cards()[-1]


def standing(room: Room, own: int) -> Standing:
    return room.do(lambda tx: mail_threads.stranger(tx, own).standing)  # type: ignore[no-any-return]


async def test_a_strangers_card_says_so_and_asks_what_is_to_be_done(room: Room, tess: Technician) -> None:
    own, _, card = await strange(room, tess)
    assert f"{MALLORY} writes in reply to FL-1001 and does not take part in it." in words(card)
    assert titles(card)[:3] == ["Let them take part", "Keep apart", "Take"]
    await room.presses("desk_let_in", BOB, card)
    assert standing(room, own) is Standing.WAITING


async def test_who_is_let_in_stands_in_the_conversation_and_the_card_ends(room: Room, tess: Technician) -> None:
    own, original, card = await strange(room, tess)
    press = room.slack.press("desk_let_in", TOM, card)
    for retry in (None, 1):
        await room.push(press, "interactive", retry=retry)
    assert standing(room, own) is Standing.APPROVED
    assert [m.text for m in room.messages(original)].count("And what did she say?") == 1
    await room.sync()
    assert titles(card) == ["Show diagnosis", "Open in console"]


async def test_who_is_kept_apart_is_a_case_of_its_own(room: Room, tess: Technician) -> None:
    own, original, card = await strange(room, tess)
    room.clock.tick()
    await room.presses("desk_keep_apart", TESS, card)
    assert standing(room, own) is Standing.APART
    assert "And what did she say?" not in [m.text for m in room.messages(original)]
    await room.sync()
    assert titles(card)[0] == "Take"
    assert MALLORY not in words(card)
