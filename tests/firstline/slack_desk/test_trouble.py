"""When Slack is slow or away, and when a worker is cut off: nothing is lost, and nothing stands there twice."""

from __future__ import annotations

import asyncio

import pytest

from desk import conversations
from desk.live import Live
from desk.model.technician import Technician
from desk.store import channel_states, slack_cards
from firstline.slack_desk import KIND
from tests.background import running
from tests.firstline.slack_desk.conftest import Room, set_channel
from tests.firstline.slack_desk.team_slack import NETWORK, SERVICEDESK, TESS, words
from tests.waiting import eventually


async def test_slacks_wish_to_be_left_alone_is_obeyed_for_its_channel_only(room: Room, tess: Technician) -> None:
    set_channel(room.database, "network", NETWORK)
    first = room.hand_over(who="alice")
    room.do(lambda tx: conversations.transfer(tx, first, tess, "cable", room.clock.tick(), team="network"))
    room.slack.fails("chat.postMessage", status=429, retry_after=30)
    room.hand_over(who="bob")
    room.hand_over(who="carol")
    worker = room.carding()
    await room.sync(worker)
    limited = room.slack.posts()[0].args["channel"]
    assert {one.channel for one in room.slack.cards(limited)} == set()
    other = NETWORK if limited == SERVICEDESK else SERVICEDESK
    assert room.slack.cards(other)
    calls = len(room.slack.posts())
    room.clock.tick(29)
    await room.sync(worker)
    assert len(room.slack.posts()) == calls
    room.clock.tick(2)
    await room.sync(worker)
    assert room.slack.cards(limited)


@pytest.mark.parametrize("how", [{"status": 503}, {"error": "fatal_error"}, {"cut": True}])
@pytest.mark.parametrize("after", [True, False])
async def test_a_card_whose_fate_is_unknown_is_looked_for_before_it_is_posted_again(
    room: Room, how: dict[str, object], after: bool
) -> None:
    room.hand_over()
    room.slack.fails("chat.postMessage", after=after, **how)  # type: ignore[arg-type]
    await room.sync()
    room.clock.tick(60)
    await room.sync()
    assert len(room.slack.cards()) == 1
    assert len(room.slack.thread(room.slack.cards()[0])) == 1
    assert len(room.slack.posts()) == (2 if after else 3)


async def test_a_message_whose_fate_is_unknown_stands_in_the_thread_once(room: Room, tess: Technician) -> None:
    number, card = await room.held(tess)
    for text in ("one", "two", "three"):
        room.do(lambda tx, text=text: conversations.note(tx, number, tess, text, room.clock.tick()))
    room.slack.fails("chat.postMessage", after=True, cut=True)
    await room.sync()
    room.clock.tick(60)
    await room.sync()
    assert [said.partition(" | ")[2] for said in room.slack.thread(card)[-3:]] == ["one", "two", "three"]


async def posted(room: Room, count: int) -> None:
    """Wait until so many messages stand in Slack."""

    async def stand() -> bool:
        return len(room.slack.messages) >= count

    await eventually(stand)


async def test_a_worker_that_is_told_to_stop_while_it_posts_leaves_a_note_to_look_first(room: Room) -> None:
    room.hand_over()
    stopping = room.carding("stopping")
    claimed = await stopping.claim()
    assert claimed is not None
    room.slack.holding = asyncio.Event()
    work = asyncio.create_task(stopping.handle(claimed))
    await posted(room, 1)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    room.slack.holding.set()
    await room.sync(room.carding("next"))
    (card,) = room.slack.cards()
    assert room.slack.thread(card) == ["*What was said before* | *Visitor 1* | My printer is on fire"]


async def test_who_dies_between_posting_and_recording_is_followed_by_who_looks_first(
    room: Room, tess: Technician
) -> None:
    number, card = await room.held(tess)
    room.do(lambda tx: conversations.note(tx, number, tess, "one", room.clock.tick()))
    before = len(room.slack.messages)
    dying = room.carding("dying")
    claimed = await dying.claim()
    assert claimed is not None
    room.slack.holding = asyncio.Event()
    work = asyncio.create_task(dying.handle(claimed))
    await posted(room, before + 1)
    await room.sync(room.carding("next"))
    assert len(room.slack.messages) == before + 1, "its lease has not run out"
    room.clock.tick(600)
    room.do(lambda tx: conversations.note(tx, number, tess, "two", room.clock.tick()))
    following = asyncio.create_task(room.sync(room.carding("next")))
    await posted(room, before + 2)
    room.slack.holding.set()
    await following
    await work  # not dead after all: it records nothing, since the card is another's
    assert [said.partition(" | ")[2] for said in room.slack.thread(card)[-2:]] == ["one", "two"]


async def test_a_worker_whose_lease_ran_out_records_nothing_more(room: Room, tess: Technician) -> None:
    number, _ = await room.held(tess)
    room.do(lambda tx: conversations.note(tx, number, tess, "one", room.clock.tick()))
    slow = room.carding("slow")
    claimed = await slow.claim()
    assert claimed is not None
    room.clock.tick(600)
    await room.sync(room.carding("quick"))
    calls = len(room.slack.posts())
    await slow.handle(claimed)
    with room.database.snapshot() as tx:
        assert slack_cards.get(tx, claimed.card.id).seq == room.conversation(number).last_seq
    assert len(room.slack.posts()) <= calls + 1


async def test_a_channel_without_the_bot_is_told_to_administrators_and_tried_again(room: Room) -> None:
    room.slack.without_me.add(SERVICEDESK)
    room.hand_over()
    await room.sync()
    with room.database.snapshot() as tx:
        state = channel_states.everything(tx)[KIND]
    assert state.failing
    assert state.error == f"{SERVICEDESK}: not_in_channel"
    room.slack.without_me.clear()
    room.clock.tick(400)
    await room.sync()
    assert len(room.slack.cards()) == 1
    with room.database.snapshot() as tx:
        assert not channel_states.everything(tx)[KIND].failing


async def test_a_card_in_a_channel_that_is_shut_goes_on_in_the_teams_new_one(room: Room, tess: Technician) -> None:
    number, _ = await room.held(tess)
    room.do(lambda tx: conversations.reply(tx, number, tess, "On its way", room.clock.tick()))
    await room.sync()
    room.slack.archived.add(SERVICEDESK)
    set_channel(room.database, "servicedesk", NETWORK)
    room.writes("Are you there?")
    room.deliver()
    await room.sync()
    (there,) = room.slack.cards(NETWORK)
    assert "With Tess" in words(there)
    calls = len(room.slack.all_calls)
    room.clock.tick(400)
    await room.sync()
    assert len(room.slack.all_calls) == calls, "what was not settled in the old one is not tried again"


async def test_a_case_that_ends_while_its_channel_is_shut_ends_its_card(room: Room, tess: Technician) -> None:
    number, _ = await room.held(tess)
    room.slack.archived.add(SERVICEDESK)
    room.do(lambda tx: conversations.resolve(tx, number, tess, "Water", room.clock.tick()))
    await room.sync()
    room.slack.archived.clear()
    room.clock.tick(400)
    assert await room.carding().claim() is None


@pytest.mark.parametrize("error", ["edit_window_closed", "cant_update_message"])
async def test_what_may_not_be_changed_any_more_holds_up_nothing(room: Room, tess: Technician, error: str) -> None:
    number, card = await room.held(tess)
    room.slack.fails("chat.update", error)
    room.do(lambda tx: conversations.release(tx, number, tess, room.clock.tick()))
    await room.sync()
    assert room.slack.thread(card)[-1] == "Back in the queue: who takes it?"
    changes = len(room.slack.calls("chat.update"))
    room.clock.tick(400)
    await room.sync()
    assert len(room.slack.calls("chat.update")) == changes, "it is not tried again"
    room.do(lambda tx: conversations.take(tx, number, tess, room.clock.tick()))
    await room.sync()
    assert "With Tess" in words(card)


async def test_a_card_that_somebody_removed_comes_again(room: Room, tess: Technician) -> None:
    number, card = await room.waiting()
    room.slack.messages.remove(card)
    room.do(lambda tx: conversations.take(tx, number, tess, room.clock.tick()))
    await room.sync()
    room.clock.tick(60)
    await room.sync()
    (again,) = room.slack.cards()
    assert "With Tess" in words(again)


async def test_a_message_that_slack_finds_too_much_is_posted_without_its_blocks(room: Room) -> None:
    room.hand_over()
    room.slack.fails("chat.postMessage", "msg_blocks_too_long")
    await room.sync()
    assert len(room.slack.cards()) == 1


async def test_slack_not_taking_an_answer_undoes_nothing(room: Room, tess: Technician) -> None:
    number, card = await room.waiting()
    room.do(lambda tx: conversations.take(tx, number, tess, room.clock.tick()))
    room.slack.fails("chat.postEphemeral", "user_not_in_channel")
    await room.says(">> me too", "U0TOM", card)
    assert room.to_customer(number) == []


async def test_two_workers_mirror_everything_once_and_in_order(room: Room, tess: Technician) -> None:
    number, _ = await room.held(tess)
    other, _ = await room.waiting(who="bob")
    texts = [f"note {position}" for position in range(12)]
    for text in texts:
        for place in (number, other):
            room.do(lambda tx, place=place, text=text: conversations.note(tx, place, tess, text, room.clock.tick()))
    await asyncio.gather(room.sync(room.carding("one")), room.sync(room.carding("two")))
    for shown in room.slack.cards():
        notes = [said.partition(" | ")[2] for said in room.slack.thread(shown) if "internal note" in said]
        assert notes == texts


async def test_a_change_in_this_process_wakes_the_worker(room: Room, tess: Technician) -> None:
    live = Live()
    room.database.on_change(live.publish)
    carding = room.carding()
    carding.worker._poll = 60
    async with running(carding.worker.run()), running(carding.wake(live)):
        await asyncio.sleep(0)
        number = room.hand_over()

        async def shown() -> bool:
            return bool(room.slack.cards())

        await eventually(shown)
        await room.presses("desk_take", TESS, room.slack.cards()[0])

        async def taken() -> bool:
            return "With Tess" in words(room.slack.cards()[0])

        await eventually(taken)
        assert room.conversation(number).technician_name == "Tess"
