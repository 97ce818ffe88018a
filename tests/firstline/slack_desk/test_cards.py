"""Cards follow their conversations, whoever acts where."""

from __future__ import annotations

from desk import conversations
from desk.model.conversation import Route
from desk.model.technician import Technician
from desk.store import conversations as conversation_store
from tests.firstline.slack_desk.conftest import URL, Room, set_channel
from tests.firstline.slack_desk.team_slack import NETWORK, SERVICEDESK, titles, words


async def test_a_handover_appears_as_a_card_with_what_a_technician_needs(room: Room) -> None:
    number, card = await room.waiting("My printer is on fire & smokes <b>")
    said = words(card)
    assert "My printer is on fire &amp; smokes &lt;b&gt;" in said
    assert "FL-1001" in said
    assert "Waiting" in said
    assert "web chat" in said
    assert "Service desk" in said
    assert "<!date^1772442001^" in said
    assert titles(card) == ["Take", "Show diagnosis", "Open in console"]
    assert card.blocks[-2]["elements"][-1]["url"] == f"{URL}/desk/conversations/{number}"
    assert "My printer is on fire" in card.text


async def test_the_thread_begins_with_what_was_said_before(room: Room) -> None:
    _, card = await room.waiting("My printer is on fire")
    assert room.slack.thread(card) == ["*What was said before* | *Visitor 1* | My printer is on fire"]


async def test_a_conversation_that_never_came_to_people_has_no_card(room: Room, tess: Technician) -> None:
    room.writes("Hello", "bob")
    number = room.writes("Hello", "alice")
    room.do(lambda tx: conversations.take(tx, number, tess, room.clock.tick()))
    await room.sync()
    assert room.slack.posts() == []


async def test_whoever_was_taken_before_anybody_saw_it_has_a_card_all_the_same(room: Room, tess: Technician) -> None:
    number = room.hand_over()
    room.do(lambda tx: conversations.take(tx, number, tess, room.clock.tick()))
    await room.sync()
    assert "With Tess" in words(room.slack.cards()[0])


async def test_what_was_over_before_anybody_saw_it_has_none(room: Room, tess: Technician) -> None:
    number = room.hand_over()
    await room.carding().claim()
    room.do(lambda tx: conversations.resolve(tx, number, tess, "Water", room.clock.tick()))
    room.clock.tick(1000)
    await room.sync()
    assert room.slack.posts() == []


async def test_the_card_follows_what_happens_in_the_web_console(room: Room, tess: Technician) -> None:
    number, card = await room.held(tess)
    assert "With Tess" in words(card)
    assert titles(card) == ["Reply", "Resolve", "Pass on", "Give back", "Release", "Show diagnosis", "Open in console"]
    assert "Tess has it now." in room.slack.thread(card)
    room.do(lambda tx: conversations.release(tx, number, tess, room.clock.tick()))
    await room.sync()
    assert "Waiting" in words(card)
    assert "Back in the queue: who takes it?" in room.slack.thread(card)
    assert room.slack.posts()[-1].args["reply_broadcast"] in {True, "1", "true"}


async def test_a_resolved_case_ends_its_card_and_a_new_handover_begins_another(room: Room, tess: Technician) -> None:
    number, card = await room.held(tess)
    room.do(lambda tx: conversations.resolve(tx, number, tess, "Poured water on it", room.clock.tick()))
    await room.sync()
    assert "Resolved" in words(card)
    assert titles(card) == ["Show diagnosis", "Open in console"]
    thread = room.slack.thread(card)
    assert "*Tess* · internal note | Poured water on it" in thread
    assert thread[-1] == "Closed. This card ends here."
    room.clock.tick(60)
    room.hand_over("It burns again")
    await room.sync()
    assert len(room.slack.cards()) == 2
    assert "Waiting" in words(room.slack.cards()[1])
    assert "Resolved" in words(card)


async def test_given_back_to_the_assistant_the_card_ends(room: Room, tess: Technician) -> None:
    number, card = await room.held(tess)
    room.do(lambda tx: conversations.give_back(tx, number, tess, room.clock.tick()))
    await room.sync()
    assert "With the assistant" in words(card)
    room.writes("Are you there?")
    await room.sync()
    assert not any("Are you there?" in said for said in room.slack.thread(card))


async def test_passed_on_to_a_team_with_its_own_channel_it_goes_on_there(room: Room, tess: Technician) -> None:
    set_channel(room.database, "network", f"T1/{NETWORK}")
    number, card = await room.held(tess)
    room.do(lambda tx: conversations.transfer(tx, number, tess, "It is the cable", room.clock.tick(), team="network"))
    await room.sync()
    assert "Passed on to Network team" in words(card)
    assert "Take" not in titles(card)
    (there,) = room.slack.cards(NETWORK)
    assert titles(there)[0] == "Take"
    assert "It is the cable" in room.slack.thread(there)[0]


async def test_a_team_without_a_channel_uses_that_of_the_fallback_team(room: Room, tess: Technician) -> None:
    number, card = await room.held(tess)
    room.do(lambda tx: conversations.transfer(tx, number, tess, "It is the cable", room.clock.tick(), team="network"))
    await room.sync()
    assert "Network team" in words(card)
    assert titles(card)[0] == "Take"
    assert room.slack.cards(SERVICEDESK) == [card]


async def test_without_any_channel_nothing_is_posted(room: Room) -> None:
    set_channel(room.database, "servicedesk", None)
    room.hand_over()
    await room.sync()
    assert room.slack.all_calls == [call for call in room.slack.all_calls if call.method == "apps.connections.open"]


async def test_what_is_said_stands_in_the_thread_in_order_and_once(room: Room, tess: Technician) -> None:
    number, card = await room.held(tess)
    for text in ("one", "two"):
        room.writes(text)
    room.do(lambda tx: conversations.note(tx, number, tess, "three", room.clock.tick()))
    room.do(lambda tx: conversations.reply(tx, number, tess, "four", room.clock.tick()))
    await room.sync()
    await room.sync()
    assert room.slack.thread(card)[-4:] == [
        "*Visitor 1* | one",
        "*Visitor 1* | two",
        "*Tess* · internal note | three",
        "*Tess* to Visitor 1, web chat | four | :hourglass_flowing_sand: On its way to Visitor 1",
    ]


async def test_many_messages_are_mirrored_in_several_turns(room: Room, tess: Technician) -> None:
    _, card = await room.held(tess)
    before = len(room.slack.thread(card))
    texts = [f"message {number}" for number in range(20)]
    for text in texts:
        room.writes(text)
    await room.sync()
    assert [said.partition(" | ")[2] for said in room.slack.thread(card)[before:]] == texts


async def test_cards_speak_the_language_of_the_installation(room: Room) -> None:
    room.hand_over()
    await room.sync(room.carding(language="nl"))
    card = room.slack.cards()[0]
    assert "Wachtend" in words(card)
    assert titles(card) == ["Overnemen", "Toon diagnose", "Open in de console"]


async def test_what_a_customer_changes_or_takes_back_is_changed_in_the_thread(room: Room, tess: Technician) -> None:
    _, card = await room.held(tess)
    room.writes("It burns in room 12", external_id="x1")
    await room.sync()
    room.edits("x1", "It burns in room 21")
    await room.sync()
    assert room.slack.thread(card)[-1] == "*Visitor 1* · changed | It burns in room 21"
    room.edits("x1", None)
    await room.sync()
    assert room.slack.thread(card)[-1] == "*Visitor 1* | (taken back by its sender)"


async def test_what_was_said_before_the_card_is_changed_and_taken_back_in_it_too(room: Room, tess: Technician) -> None:
    room.writes("It burns in room 12", external_id="x1")
    room.writes("My badge opens it: 4711", external_id="x2")
    number, card = await room.waiting("Send somebody")
    room.do(lambda tx: conversations.take(tx, number, tess, room.clock.tick()))
    room.edits("x1", "It burns in room 21")
    room.edits("x2", None)
    await room.sync()
    (opening, *_) = room.slack.thread(card)
    assert [text for text in opening.split(" | ") if not text.startswith("*")] == [
        "It burns in room 21",
        "(taken back by its sender)",
        "Send somebody",
    ]
    calls = len(room.slack.all_calls)
    await room.sync()
    assert len(room.slack.all_calls) == calls


async def test_what_is_said_on_another_channel_says_so(room: Room, tess: Technician) -> None:
    number, card = await room.held(tess)
    room.do(lambda tx: conversation_store.add_route(tx, number, Route("telegram", "77", ""), room.clock.tick()))
    room.writes("It goes on here", "77", channel="telegram")
    room.do(lambda tx: conversations.reply(tx, number, tess, "Good", room.clock.tick()))
    await room.sync()
    assert room.slack.thread(card)[-2] == "*Visitor 1* · Telegram | It goes on here"
    assert room.slack.thread(card)[-1].startswith("*Tess* to Visitor 1, Telegram | Good")
