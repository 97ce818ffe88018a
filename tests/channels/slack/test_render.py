"""What the desk says, as blocks."""

from __future__ import annotations

from typing import Any

import pytest

from channels import texts
from channels.contract import Author
from channels.slack import render
from channels.slack.events import HomeOpened, ThreadStarted
from tests.channels.slack import events

TEXTS = texts.load("channels.slack")


def posts(*titles: str, text: str = "Which?", **more: Any) -> list[dict[str, Any]]:
    return render.posts(events.outgoing(text, buttons=events.buttons(*titles), **more), TEXTS)


def elements(post: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for block in post["blocks"] if block["type"] == "actions" for one in block["elements"]]


def test_up_to_five_choices_are_buttons() -> None:
    (post,) = posts("A", "B", "C", "D", "E")
    assert [(one["type"], one["text"]["text"], one["value"]) for one in elements(post)] == [
        ("button", title, f"choice:1:7:{index}") for index, title in enumerate("ABCDE")
    ]
    assert len({one["action_id"] for one in elements(post)}) == 5


@pytest.mark.parametrize(("choices", "menus"), [(6, [6]), (100, [100]), (101, [100, 1]), (2_500, [100] * 25)])
def test_more_than_five_are_a_menu_and_none_is_dropped(choices: int, menus: list[int]) -> None:
    (post,) = posts(*(f"Choice {number}" for number in range(choices)))
    assert [len(one["options"]) for one in elements(post)] == menus
    values = [option["value"] for one in elements(post) for option in one["options"]]
    assert values == [f"choice:1:7:{index}" for index in range(choices)]
    assert all(len(value) <= 150 for value in values)
    assert len({one["placeholder"]["text"] for one in elements(post)}) == len(menus)


def test_a_title_that_is_too_long_for_slack_stands_in_the_text_in_full() -> None:
    long = "A very long answer " * 6
    (post,) = posts(long, "", "B")
    assert [one["text"]["text"] for one in elements(post)] == [long[:74] + "…", "2", "B"]
    assert f"1. {long.strip()}" in str(post["blocks"])


def test_choices_without_words_and_words_without_choices() -> None:
    (post,) = posts("Yes", "No", text="")
    assert post["text"] == "Yes, No"
    assert [block["type"] for block in post["blocks"]] == ["actions"]
    (post,) = posts()
    assert [block["type"] for block in post["blocks"]] == ["rich_text"]


def test_a_notification_reads_as_words() -> None:
    (post,) = posts(text="Press **Ctrl** & type `<Esc>`:\n- see https://example.org/a.")
    assert post["text"] == "Press Ctrl &amp; type &lt;Esc&gt;:\n• see https://example.org/a."


def test_who_of_the_support_writes_stands_above() -> None:
    (post,) = posts(author=Author.TECHNICIAN, name="Tess")
    assert post["blocks"][0]["elements"][0]["text"] == "Tess · Support"
    (post,) = posts(author=Author.BOT)
    assert [block["type"] for block in post["blocks"]] == ["rich_text"]


def test_a_long_message_is_several_and_the_choices_stand_in_the_last() -> None:
    first, last = posts("Yes", "No", text="Word. " * 3_000)
    assert not elements(first)
    assert len(elements(last)) == 2
    assert all(len(post["text"]) <= 4_000 and len(post["blocks"]) <= 50 for post in (first, last))


def test_the_choice_stands_where_the_choices_were_in_the_language_of_the_question() -> None:
    (post,) = posts("Ja & nee", "Nee", language="nl")
    told = render.chosen(post, "choice:1:7:0", TEXTS)
    assert told is not None
    assert [block["type"] for block in told["blocks"]] == ["rich_text", "context"]  # type: ignore[attr-defined]
    assert "✓ Ja & nee" in str(told["blocks"])
    assert render.spoken_under(post) == "nl"
    assert render.chosen(told, "choice:1:7:0", TEXTS) is None
    assert render.chosen({}, "choice:1:7:0", TEXTS) is None


@pytest.mark.parametrize("language", ["en", "nl", "fr", None])
def test_the_home_tab_and_the_prompts_fit_slacks_limits(language: str | None) -> None:
    view: Any = render.home(HomeOpened("T1", "U1", True, "A1", "T1"), TEXTS, language)
    assert len(view["blocks"]) <= 100
    buttons = elements(view)
    assert len({button["action_id"] for button in buttons}) == len(buttons)
    assert all(len(button["text"]["text"]) <= 75 for button in buttons)
    prompts: Any = render.prompts(ThreadStarted("T1", "U1", "D1", "1.0"), TEXTS, language)
    assert 1 <= len(prompts["prompts"]) <= 4
