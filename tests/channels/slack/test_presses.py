"""What becomes of buttons that are pressed, and entries of menus that are chosen."""

from __future__ import annotations

from typing import Any

from channels.contract import Press
from channels.slack.channel import SlackChannel
from tests.channels.slack import events
from tests.channels.slack.conftest import Desk
from tests.channels.slack.fake_slack import FakeSlack
from tests.channels.slack.test_listening import calls
from tests.waiting import eventually


async def responses(slack: FakeSlack, count: int = 1) -> list[dict[str, Any]]:
    async def enough() -> bool:
        return len(slack.responses) >= count

    await eventually(enough)
    return [body for _, body in slack.responses]


async def test_a_pressed_button_reaches_the_desk_and_is_replaced_by_the_choice(
    slack: FakeSlack, desk: Desk, channel: SlackChannel
) -> None:
    message = await events.asked(channel, slack, ["Yes", "No"])
    pressed = events.press({"type": "button", "value": "choice:1:7:0"}, channel="D1", message=message)
    assert await slack.push(pressed, "interactive")
    await calls(slack, "chat.update")
    assert desk.received[0].press == Press(1, 7, 0)
    assert (desk.received[0].address, desk.received[0].thread) == ("T1:U1", "")
    blocks = slack.said("D1")[0].blocks
    assert [block["type"] for block in blocks] == ["rich_text", "context"]
    assert blocks[1]["elements"][0]["text"] == "✓ Yes"


async def test_a_second_press_is_answered_kindly_to_who_pressed_only(
    slack: FakeSlack, desk: Desk, channel: SlackChannel
) -> None:
    message = await events.asked(channel, slack, ["Yes", "No"])
    url = f"{slack.url}/response/r1"
    for index in (0, 1):
        action = {"type": "button", "value": f"choice:1:7:{index}"}
        await slack.push(events.press(action, channel="D1", message=message, response_url=url), "interactive")
    assert [one.press for one in desk.received] == [Press(1, 7, 0)]
    (body,) = await responses(slack)
    assert body["text"].startswith("You have already chosen")
    assert (body["response_type"], body["replace_original"]) == ("ephemeral", False)


async def test_a_press_that_the_desk_does_not_know_is_answered_kindly(
    slack: FakeSlack, desk: Desk, channel: SlackChannel
) -> None:
    desk.refuses()
    message = await events.asked(channel, slack, ["Ja", "Nee"], language="nl", thread="C1:1.1")
    url = f"{slack.url}/response/r1"
    action = {"type": "button", "value": "choice:1:7:0"}
    pressed = events.press(action, user=events.BOB, channel="C1", message=message, response_url=url)
    assert await slack.push(pressed, "interactive")
    (body,) = await responses(slack)
    assert body["text"].startswith("Deze vraag staat niet meer open")
    assert body["thread_ts"] == "1.1"
    assert slack.calls("chat.update") == []


async def test_an_entry_of_a_menu_is_chosen(slack: FakeSlack, desk: Desk, channel: SlackChannel) -> None:
    message = await events.asked(channel, slack, [f"Choice {number}" for number in range(150)])
    options = [menu["options"] for menu in message["blocks"][-1]["elements"]]
    assert [len(one) for one in options] == [100, 50]
    action = {"type": "static_select", "selected_option": options[1][49]}
    await slack.push(events.press(action, channel="D1", message=message), "interactive")
    await calls(slack, "chat.update")
    assert desk.received[0].press == Press(1, 7, 149)
    assert slack.said("D1")[0].blocks[-1]["elements"][0]["text"] == "✓ Choice 149"
