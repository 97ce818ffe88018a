"""What is written below a card: internal, unless it is an explicit reply."""

from __future__ import annotations

from desk import conversations
from desk.model.technician import Technician
from tests.channels.slack import events
from tests.firstline.slack_desk.conftest import Room, set_channel
from tests.firstline.slack_desk.team_slack import BOB, NETWORK, SERVICEDESK, TESS, TOM


async def test_an_internal_remark_never_reaches_the_customer(room: Room, tess: Technician) -> None:
    number, card = await room.held(tess)
    room.deliver()
    await room.says("This one always prints cat pictures", TESS, card)
    await room.says("He & <she> do, see <https://example.org|the page> \u2028", TOM, card)
    assert room.to_customer(number) == []
    assert room.deliver() == 0
    assert room.notes(number)[-2] == "This one always prints cat pictures"
    assert len(room.notes(number)) == 2
    before = room.slack.thread(card)
    await room.sync()
    assert room.slack.thread(card) == before


LOOKALIKES = (">>> a quotation", "> quoted", "reply: >> no", "`>> code`", "<@UBOT> >> hello", "&gt;")


async def test_what_only_looks_like_a_reply_stays_internal(room: Room, tess: Technician) -> None:
    number, card = await room.held(tess)
    for text in LOOKALIKES:
        await room.says(text, TESS, card)
    assert room.to_customer(number) == []
    assert len(room.notes(number)) == len(LOOKALIKES)


async def test_what_begins_with_two_brackets_goes_to_the_customer(room: Room, tess: Technician) -> None:
    number, card = await room.held(tess)
    await room.says(">> Is 1 < 2 & 3 > 2?\nStand back!", TESS, card)
    assert room.to_customer(number) == ["Is 1 < 2 & 3 > 2?\nStand back!"]
    await room.sync()
    assert room.slack.thread(card)[-1].startswith("*Tess* to Visitor 1, web chat | Is 1 < 2")


async def test_emoji_reach_the_customer_as_they_are(room: Room, tess: Technician) -> None:
    number, card = await room.held(tess)
    smile = {"type": "emoji", "name": "slightly_smiling_face", "unicode": "1f642"}
    blocks = [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [smile]}]}]
    await room.says(">> It works :slightly_smiling_face:", TESS, card, blocks=blocks)
    assert room.to_customer(number) == ["It works 🙂"]


async def test_colleagues_who_are_mentioned_are_named(room: Room, tess: Technician) -> None:
    number, card = await room.held(tess)
    note = await room.says(f"@{TOM} do you know @{BOB}?", TESS, card)
    await room.says(f">> @{TOM} will call you", TESS, card)
    assert room.notes(number) == [f"@Tom do you know @{BOB}?"]
    assert room.to_customer(number) == ["@Tom will call you"]
    await room.push(room.slack.change(note, f"&lt;@{TOM}&gt; or <@{TOM}>?"))
    assert room.notes(number) == ["<@Tom> or @Tom?"]


async def test_a_reply_takes_what_waits(room: Room) -> None:
    number, card = await room.waiting()
    await room.says(">> I am coming", TESS, card)
    assert room.conversation(number).technician_name == "Tess"


async def test_an_event_that_slack_repeats_is_one_note_or_one_reply(room: Room, tess: Technician) -> None:
    number, card = await room.held(tess)
    for text in ("a note", ">> a reply"):
        body = await room.says(text, TESS, card)
        assert await room.push(body, retry=1) is not None
    assert room.to_customer(number) == ["a reply"]
    assert room.notes(number) == ["a note"]


async def test_a_reply_to_what_a_colleague_has_is_not_sent(room: Room, tess: Technician) -> None:
    number, card = await room.held(tess)
    await room.says(">> Let me", TOM, card)
    assert room.to_customer(number) == []
    assert room.slack.told(TOM) == ["Tess has it."]


async def test_a_reply_to_something_that_is_not_in_the_thread_yet_is_held_up(room: Room, tess: Technician) -> None:
    number, card = await room.held(tess)
    room.writes("It stopped burning")
    await room.says(">> Stand back!", TESS, card)
    assert room.to_customer(number) == []
    assert "It stopped burning" in room.slack.told(TESS)[-1]
    body = room.slack.press_told("desk_anyway", TESS)
    await room.push(body, "interactive")
    await room.push(body, "interactive", retry=1)
    assert room.to_customer(number) == ["Stand back!"]
    assert [(user, body["delete_original"]) for user, body in room.slack.responses] == [(TESS, True)] * 2


async def test_only_its_writer_sends_what_was_held_up(room: Room, tess: Technician) -> None:
    number, card = await room.held(tess)
    room.writes("It stopped burning")
    await room.says(">> Stand back!", TESS, card)
    body = room.slack.press_told("desk_anyway", TESS)
    body["user"]["id"] = TOM
    await room.push(body, "interactive")
    assert room.to_customer(number) == []
    assert room.slack.told(TOM) == ["Only who wrote it can send it."]


async def test_what_was_removed_meanwhile_is_not_sent_anyway(room: Room, tess: Technician) -> None:
    number, card = await room.held(tess)
    room.writes("It stopped burning")
    await room.says(">> Stand back!", TESS, card)
    room.slack.messages.pop()
    await room.push(room.slack.press_told("desk_anyway", TESS), "interactive")
    assert room.to_customer(number) == []
    assert "no longer there" in room.slack.told(TESS)[-1]


async def test_a_note_that_its_writer_changes_or_removes_reads_so_in_the_record(room: Room, tess: Technician) -> None:
    number, card = await room.held(tess)
    note = await room.says("It is the fuze", TESS, card)
    changed = room.slack.change(note, "It is the &lt;fuse&gt;")
    for retry in (None, 1):
        await room.push(changed, retry=retry)
    assert room.notes(number) == ["It is the <fuse>"]
    read = room.messages(number)[-1]
    assert [text for text, _ in room.do(lambda tx: conversations.versions(tx, number, read.seq))] == ["It is the fuze"]
    await room.push(room.slack.change(note, ""))
    assert room.notes(number) == ["It is the <fuse>"]
    await room.push(room.slack.change(note, None))
    assert room.messages(number)[-1].deleted
    assert (room.slack.told(TESS), room.to_customer(number)) == ([], [])


async def test_a_changed_note_reads_so_below_every_card_that_shows_it(room: Room, tess: Technician) -> None:
    set_channel(room.database, "network", NETWORK)
    number, card = await room.held(tess)
    note = await room.says("It is the fuze", TESS, card)
    room.do(lambda tx: conversations.transfer(tx, number, tess, "Yours", room.clock.tick(), team="network"))
    await room.sync()
    room.clock.tick()
    await room.push(room.slack.change(note, "It is the fuse"))
    await room.sync()
    (there,) = room.slack.cards(NETWORK)
    assert "It is the fuse" in room.slack.thread(there)[0]


async def test_changing_a_message_sends_nothing_and_says_so(room: Room, tess: Technician) -> None:
    number, card = await room.held(tess)
    note = await room.says("a note", TESS, card)
    await room.push(room.slack.change(note, "&gt;&gt; now a reply"))
    assert room.to_customer(number) == []
    assert room.notes(number) == [">> now a reply"]
    assert "nothing is sent to the customer" in room.slack.told(TESS)[-1]
    reply = await room.says(">> a reply", TESS, card)
    await room.push(room.slack.change(reply, None))
    assert room.to_customer(number) == ["a reply"]
    assert "was sent when you first wrote it" in room.slack.told(TESS)[-1]


async def test_a_preview_that_slack_adds_is_no_change(room: Room, tess: Technician) -> None:
    _, card = await room.held(tess)
    note = await room.says("see https://example.org", TESS, card)
    await room.push(room.slack.change(note, note["event"]["text"]))
    assert room.slack.told(TESS) == []


async def test_somebody_who_is_not_linked_is_told_once_and_nothing_is_kept(room: Room, tess: Technician) -> None:
    number, card = await room.held(tess)
    before = len(room.messages(number))
    for text in ("hello", "hello again", ">> hello customer"):
        await room.says(text, BOB, card)
    assert len(room.messages(number)) == before
    assert len(room.slack.told(BOB)) == 2


async def test_files_go_with_the_words_they_were_added_to(room: Room, tess: Technician) -> None:
    number, card = await room.held(tess)
    manual = room.slack.file("manual.txt", b"Turn it off", type="text/plain")
    body = await room.says(">> Look at this", TESS, card, subtype="file_share", files=[manual])
    await room.push(body, retry=1)
    await room.says(">>", TESS, card, subtype="file_share", files=[manual])
    await room.says("", TESS, card, subtype="file_share", files=[manual])
    said = [m for m in room.messages(number) if m.author.value == "technician"]
    assert [(m.text, m.internal, [file.name for file in m.attachments]) for m in said] == [
        ("Look at this", False, ["manual.txt"]),
        ("", False, ["manual.txt"]),
        ("", True, ["manual.txt"]),
    ]
    await room.sync()
    assert "manual.txt" in room.slack.thread(card)[-1]
    assert room.slack.told(TESS) == []


async def test_a_file_that_is_not_to_be_had_is_named(room: Room, tess: Technician) -> None:
    number, card = await room.held(tess)
    large = room.slack.file("large.zip", bytes(1_001))
    hidden = {"id": "F1", "name": "old.png", "mode": "hidden_by_limit"}
    await room.says(">> Look at this", TESS, card, subtype="file_share", files=[large, hidden])
    assert room.to_customer(number) == ["Look at this"]
    assert "large.zip, old.png" in room.slack.told(TESS)[-1]
    assert f"/desk/conversations/{number}" in room.slack.told(TESS)[-1]
    await room.says(">>", TESS, card, subtype="file_share", files=[hidden])
    assert room.to_customer(number) == ["Look at this"]


async def test_a_file_of_a_reply_that_was_held_up_goes_with_it(room: Room, tess: Technician) -> None:
    number, card = await room.held(tess)
    manual = room.slack.file("manual.txt", b"Turn it off", type="text/plain")
    room.writes("It stopped burning")
    await room.says(">> Look at this", TESS, card, subtype="file_share", files=[manual])
    assert room.to_customer(number) == []
    room.slack.shared[room.slack.messages[-1].ts] = [manual]
    await room.push(room.slack.press_told("desk_anyway", TESS), "interactive")
    (sent,) = [m for m in room.messages(number) if m.author.value == "technician"]
    assert [file.name for file in sent.attachments] == ["manual.txt"]


async def test_below_a_card_that_has_ended_notes_are_kept_and_replies_are_not_sent(
    room: Room, tess: Technician
) -> None:
    number, card = await room.held(tess)
    room.do(lambda tx: conversations.resolve(tx, number, tess, "Done", room.clock.tick()))
    await room.sync()
    await room.says("He called: all is well", TESS, card)
    await room.says(">> Glad to hear it", TESS, card)
    assert room.notes(number)[-1] == "He called: all is well"
    assert room.to_customer(number) == []
    assert "This card has ended, nothing was sent." in room.slack.told(TESS)[-1]


async def test_nobody_in_a_channel_of_the_desk_is_taken_for_a_customer(room: Room) -> None:
    heard: list[str] = []

    async def of_customers(event: dict[str, str]) -> None:
        heard.append(event["text"])

    room.app.bolt.event("message")(of_customers)
    room.app.bolt.event("app_mention")(of_customers)
    _, card = await room.waiting()
    await room.says("<@UBOT> hello", BOB, card)
    await room.push(events.mention("hello", user=BOB, channel=SERVICEDESK, thread_ts=card.ts))
    await room.push(events.message("coffee?", user=TESS, channel=SERVICEDESK, channel_type="channel"))
    await room.push(events.message("My printer", user=BOB))
    assert heard == ["My printer"]


async def test_other_programs_words_are_nobodys(room: Room, tess: Technician) -> None:
    number, card = await room.held(tess)
    await room.says(">> spam", "UBOT", card, bot_id="B2", subtype="bot_message")
    assert room.to_customer(number) == []
    assert room.notes(number) == []


async def test_the_web_console_and_slack_write_one_transcript(room: Room, tess: Technician) -> None:
    number, card = await room.held(tess)
    await room.says(">> from Slack", TESS, card)
    room.do(lambda tx: conversations.reply(tx, number, tess, "from the console", room.clock.tick()))
    await room.says("a note from Slack", TESS, card)
    room.do(lambda tx: conversations.note(tx, number, tess, "a note from the console", room.clock.tick()))
    await room.sync()
    said = [m.text for m in room.messages(number) if m.author.value == "technician"]
    assert said == ["from Slack", "from the console", "a note from Slack", "a note from the console"]
    mirrored = [text for text in room.slack.thread(card) if "from" in text and text.startswith("*Tess*")]
    assert [text.split(" | ")[1] for text in mirrored] == ["from Slack", "from the console", "a note from the console"]


async def test_a_reply_to_what_was_just_resolved_in_the_console_is_not_sent(room: Room, tess: Technician) -> None:
    number, card = await room.held(tess)
    room.do(lambda tx: conversations.resolve(tx, number, tess, "Done", room.clock.tick()))
    await room.says(">> One more thing", TESS, card)
    assert room.to_customer(number) == []
    assert room.slack.told(TESS)[-1].startswith("It is closed.")
