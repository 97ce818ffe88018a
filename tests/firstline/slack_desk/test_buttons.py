"""What technicians press, and what they fill in."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from channels.contract import DeliveryFailed
from desk import accounts, conversations, outbox, slack_accounts
from desk.model.technician import OPERATOR, Role, Technician
from desk.model.work import BackOff
from desk.store import slack_cards
from desk.store import technicians as technician_store
from desk.store import tickets as ticket_store
from tests.channels.slack import events
from tests.firstline.slack_desk.conftest import Room
from tests.firstline.slack_desk.team_slack import BOB, SERVICEDESK, TESS, TOM, titles, words


async def test_take_is_the_same_claim_as_in_the_console(room: Room) -> None:
    number, card = await room.waiting()
    await room.presses("desk_take", TESS, card)
    assert room.conversation(number).technician_name == "Tess"
    await room.sync()
    assert "With Tess" in words(card)
    assert any("Tess" in m.text for m in room.messages(number) if m.author.value == "desk")


async def test_of_two_who_take_at_once_one_has_it_and_the_other_is_told_who(room: Room) -> None:
    number, card = await room.waiting()
    presses = [room.slack.press("desk_take", user, card) for user in (TESS, TOM)]
    await asyncio.gather(*(room.push(body, "interactive") for body in presses))
    holder = room.conversation(number).technician_name
    assert holder in {"Tess", "Tom"}
    loser = TOM if holder == "Tess" else TESS
    assert room.slack.told(loser) == [f"{holder} has it."]
    assert room.slack.told(TESS if loser == TOM else TOM) == []


async def test_who_was_beaten_in_the_console_is_told_who_has_it(room: Room, tom: Technician) -> None:
    number, card = await room.waiting()
    room.do(lambda tx: conversations.take(tx, number, tom, room.clock.tick()))
    await room.presses("desk_take", TESS, card)
    assert room.slack.told(TESS) == ["Tom has it."]


async def test_a_double_click_takes_once(room: Room) -> None:
    number, card = await room.waiting()
    body = room.slack.press("desk_take", TESS, card)
    await room.push(body, "interactive")
    revision = room.conversation(number).revision
    await room.push(body, "interactive", retry=1)
    assert room.conversation(number).revision == revision
    assert room.slack.told(TESS) == []


async def test_somebody_who_is_not_linked_is_told_how_and_nothing_happens(room: Room) -> None:
    number, card = await room.waiting()
    await room.presses("desk_take", BOB, card)
    assert room.conversation(number).technician is None
    (told,) = room.slack.told(BOB)
    assert "/firstline CODE" in told
    assert "https://help.example.org/desk/account" in told


async def test_a_technician_who_was_shut_out_can_do_nothing(room: Room, tess: Technician) -> None:
    number, card = await room.waiting()
    room.do(lambda tx: technician_store.create(tx, "a@example.org", "Ann", Role.ADMIN, "-", False, room.clock()))
    room.do(lambda tx: accounts.deactivate(tx, OPERATOR, tess.id, room.clock.tick()))
    await room.presses("desk_take", TESS, card)
    assert room.conversation(number).technician is None
    assert "/firstline CODE" in room.slack.told(TESS)[0]


@pytest.mark.parametrize(("action", "state"), [("desk_release", "queue"), ("desk_give_back", "bot")])
async def test_it_is_put_back_or_given_back(room: Room, tess: Technician, action: str, state: str) -> None:
    number, card = await room.held(tess)
    await room.presses(action, TOM, card)
    assert room.slack.told(TOM) == ["Tess has it."]
    await room.presses(action, TESS, card)
    assert room.conversation(number).state == state


async def test_a_reply_goes_to_the_customer_and_is_confirmed_in_the_thread(room: Room, tess: Technician) -> None:
    number, card = await room.held(tess)
    room.deliver()
    await room.presses("desk_reply", TESS, card)
    assert await room.submits(TESS, room.slack.form(), text="Stand back!", options=["keep_open"]) == {}
    assert room.to_customer(number) == ["Stand back!"]
    await room.sync()
    said = "*Tess* to Visitor 1, web chat | Stand back! | {}"
    assert room.slack.thread(card)[-1] == said.format(":hourglass_flowing_sand: On its way to Visitor 1")
    room.deliver()
    await room.sync()
    assert room.slack.thread(card)[-1] == said.format(":white_check_mark: Delivered to Visitor 1")
    with room.database.snapshot() as tx:
        assert ticket_store.of_conversation(tx, number)[0].state.value == "open"


async def test_a_form_that_is_sent_twice_is_one_reply(room: Room, tess: Technician) -> None:
    number, card = await room.held(tess)
    await room.presses("desk_reply", TESS, card)
    for _ in range(2):
        assert await room.submits(TESS, room.slack.form(), text="Stand back!") == {}
    assert room.to_customer(number) == ["Stand back!"]


async def test_a_reply_to_something_unseen_is_held_up_in_its_form(room: Room, tess: Technician) -> None:
    number, card = await room.held(tess)
    await room.presses("desk_reply", TESS, card)
    room.writes("It stopped burning")
    answer = await room.submits(TESS, room.slack.form(), text="Stand back!", options=["keep_open"])
    assert answer["response_action"] == "update"
    assert "It stopped burning" in str(answer["view"])
    assert answer["view"]["submit"]["text"] == "Send anyway"
    assert room.to_customer(number) == []
    room.writes("Or did it?")
    again = await room.submits(TESS, answer["view"], text="Stand back!")
    assert "Or did it?" in str(again["view"])
    assert "It stopped burning" not in str(again["view"])
    assert await room.submits(TESS, again["view"], text="Stand back still!") == {}
    assert room.to_customer(number) == ["Stand back still!"]


async def test_a_case_is_resolved_with_cause_and_solution(room: Room, tess: Technician) -> None:
    number, card = await room.held(tess)
    await room.presses("desk_resolve", TESS, card)
    assert await room.submits(TESS, room.slack.form(), resolution="Poured water", cause="A candle") == {}
    with room.database.snapshot() as tx:
        ticket = ticket_store.of_conversation(tx, number)[0]
    assert (ticket.state.value, ticket.resolution, ticket.cause) == ("resolved", "Poured water", "A candle")
    assert await room.submits(TESS, room.slack.form(), resolution="Poured water", cause="A candle") == {}
    await room.sync()
    assert "*Tess* · internal note | Poured water" in room.slack.thread(card)
    assert "Resolved" in words(card)


async def test_what_is_wrong_is_told_at_its_field_in_the_technicians_language(room: Room, tess: Technician) -> None:
    _, card = await room.held(tess)
    room.do(lambda tx: technician_store.change(tx, tess.id, language="nl"))
    await room.presses("desk_resolve", TESS, card)
    form = room.slack.form()
    assert form["title"]["text"] == "Oplossen"
    answer = await room.submits(TESS, form, resolution="   ")
    assert answer == {"response_action": "errors", "errors": {"resolution": "Vul dit in."}}


async def test_it_is_passed_on_to_a_colleague_with_a_note(room: Room, tess: Technician, tom: Technician) -> None:
    number, card = await room.held(tess)
    await room.presses("desk_transfer", TESS, card)
    groups = room.slack.form()["blocks"][0]["element"]["option_groups"]
    options = [option["text"]["text"] for group in groups for option in group["options"]]
    assert "Network team" in options
    assert "Tom" in options
    assert "Tess" not in options
    answer = await room.submits(TESS, room.slack.form(), to=f"colleague:{tom.id}", note="")
    assert answer["errors"] == {"note": "Fill this in."}
    assert await room.submits(TESS, room.slack.form(), to=f"colleague:{tom.id}", note="You have the bucket") == {}
    await room.sync()
    assert room.conversation(number).technician_name == "Tom"
    assert "With Tom" in words(card)
    assert "*Tess* · internal note | You have the bucket" in room.slack.thread(card)


async def test_a_form_does_not_open_for_what_a_colleague_has(room: Room, tess: Technician) -> None:
    _, card = await room.held(tess)
    for action in ("desk_reply", "desk_resolve", "desk_transfer"):
        await room.presses(action, TOM, card)
        assert room.slack.form()["blocks"][0]["text"]["text"] == "Tess has it."
        assert "submit" not in room.slack.form()


@pytest.mark.parametrize(
    ("action", "values"),
    [
        ("desk_reply", {"text": "Stand back!"}),
        ("desk_resolve", {"resolution": "Poured water"}),
        ("desk_transfer", {"to": "team:network", "note": "Cable"}),
    ],
)
async def test_a_form_that_was_overtaken_in_the_console_says_so(
    room: Room, tess: Technician, action: str, values: dict[str, str]
) -> None:
    number, card = await room.held(tess)
    await room.presses(action, TESS, card)
    form = room.slack.form()
    room.do(lambda tx: conversations.resolve(tx, number, tess, "Done", room.clock.tick()))
    answer = await room.submits(TESS, form, **values)
    assert answer["response_action"] == "errors"
    assert "It is closed." in next(iter(answer["errors"].values()))


async def test_a_form_opens_before_anything_is_read(room: Room, tess: Technician) -> None:
    _, card = await room.held(tess)
    await room.presses("desk_show", TESS, card)
    opened = room.slack.calls("views.open")[-1].args["view"]
    assert opened["blocks"][0]["text"]["text"] == "One moment…"
    assert "The assistant ran no procedure." in str(room.slack.form())


async def test_a_message_that_failed_is_sent_again_from_the_thread(room: Room, tess: Technician) -> None:
    _, card = await room.held(tess)
    room.deliver()
    await room.says(">> Stand back!", TESS, card)
    found = room.do(lambda tx: outbox.claim(tx, "d", ["web"], room.clock(), timedelta(seconds=30)))
    failure = DeliveryFailed("blocked by <them>", permanent=True)
    room.do(lambda tx: outbox.failed(tx, found.claim, failure, room.clock(), BackOff()))
    await room.sync()
    post = room.slack.said(SERVICEDESK)[-1]
    assert "Not delivered to Visitor 1: blocked by &lt;them&gt;" in words(post)
    assert titles(post) == ["Send again"]
    await room.presses("desk_again", TOM, post)
    assert room.slack.told(TOM) == ["Tess has it."]
    await room.presses("desk_again", TESS, post)
    await room.sync()
    assert "On its way" in words(post)
    assert titles(post) == []
    assert room.deliver() == 1
    await room.sync()
    assert "Delivered to Visitor 1" in words(post)


async def test_a_code_from_the_console_links_an_account_once(room: Room, tess: Technician) -> None:
    code = room.do(lambda tx: slack_accounts.new_code(tx, tess, room.clock()))
    body = events.command("/firstline", code.lower(), user=BOB)
    answer = await room.push(body, "slash_commands")
    assert answer
    assert "You are Tess at the desk now." in str(answer["payload"])
    answer = await room.push(body | {"user_id": "U0EVE"}, "slash_commands")
    assert answer
    assert "This code does not work" in str(answer["payload"])
    number, card = await room.waiting()
    await room.presses("desk_take", BOB, card)
    assert room.conversation(number).technician_name == "Tess"


async def test_guessing_codes_is_braked(room: Room, tess: Technician) -> None:
    code = room.do(lambda tx: slack_accounts.new_code(tx, tess, room.clock()))
    answers = [
        str(await room.push(events.command("/firstline", text, user=BOB), "slash_commands"))
        for text in ["AAAAA-AAAAA"] * 5 + [code]
    ]
    assert "does not work" in answers[0]
    assert "Too many codes" in answers[-1]


async def test_the_command_alone_explains_itself(room: Room) -> None:
    answer = await room.push(events.command("/firstline", "", user=BOB), "slash_commands")
    assert answer
    assert "Type `/firstline CODE`" in str(answer["payload"])
    answer = await room.push(events.command("/firstline", "", user=TESS), "slash_commands")
    assert answer
    assert "You are Tess at the desk." in str(answer["payload"])


async def test_the_button_of_a_card_that_has_ended_does_nothing(room: Room, tess: Technician) -> None:
    number, card = await room.waiting()
    stale = room.slack.press("desk_take", TOM, card)
    room.do(lambda tx: conversations.give_back(tx, number, tess, room.clock.tick()))
    await room.sync()
    await room.push(stale, "interactive")
    assert room.conversation(number).state == "bot"
    assert "This card has ended." in room.slack.told(TOM)[0]


async def test_where_a_whole_organisation_has_the_app_it_is_the_same(room: Room) -> None:
    everywhere = {"is_enterprise_install": True, "enterprise_id": "E1", "team_id": None}
    room.slack.tokens[room.slack.token] |= everywhere
    number, card = await room.waiting()
    installed = {"team": None, "enterprise": {"id": "E1", "name": "Example"}, "is_enterprise_install": True}
    assert await room.push(room.slack.press("desk_take", TESS, card) | installed, "interactive")
    assert room.conversation(number).technician_name == "Tess"
    said = room.slack.write(">> Stand back!", TESS, card) | {"enterprise_id": "E1"}
    said["authorizations"][0] |= everywhere
    assert await room.push(said)
    assert room.to_customer(number) == ["Stand back!"]
    await room.sync()
    assert room.slack.thread(card)[-2].startswith("*Tess* to Visitor 1, web chat | Stand back!")
    assert await room.push(room.slack.press("desk_resolve", TESS, card) | installed, "interactive")
    assert await room.push(room.slack.submit(TESS, room.slack.form(), resolution="Water") | installed, "interactive")
    assert room.conversation(number).closed
    with room.database.snapshot() as tx:
        found = slack_cards.by_ts(tx, SERVICEDESK, card.ts)
    assert found is not None
    assert found.place.workspace == "E1"
