"""From labels to intents, topics and a fallback."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from bot.ranking import IntentRanker, Limits
from bot.segments import Segmenter
from bot.topics import Topics

ROOT = Path(__file__).resolve().parents[2]
TOPICS = Topics.read()


class Table:
    """A model that knows whole texts by heart."""

    def __init__(self, known: Mapping[str, Mapping[str, float]]) -> None:
        self._known = known

    def rank(self, text: str) -> list[tuple[str, float]]:
        return sorted(self._known.get(text, {}).items(), key=lambda each: -each[1])


def ranker(known: Mapping[str, Mapping[str, float]]) -> IntentRanker:
    return IntentRanker(Table(known), TOPICS, Segmenter.read(), Limits(threshold=0.4))


def test_procedures_of_one_topic_are_understood_together() -> None:
    ranking = ranker({"wifi": {"wifi_connect": 0.3, "wifi_slow": 0.25, "greet": 0.2}}).ranking("wifi")
    assert [each["name"] for each in ranking] == ["wifi_connect", "wifi_slow", "greet"]


def test_a_weak_topic_yields_to_the_fallback() -> None:
    ranking = ranker({"hm": {"wifi_connect": 0.3, "greet": 0.2}}).ranking("hm")
    assert ranking[0] == {"name": "nlu_fallback", "confidence": 0.4}


def test_what_says_nothing_is_the_fallback() -> None:
    assert [each["name"] for each in ranker({}).ranking("漢字")] == ["nlu_fallback"]


def test_topics_of_an_intent_are_one_intent() -> None:
    known = {"sim": {"other_problem/phone_mobile": 0.5, "other_problem": 0.3, "greet": 0.2}}
    ranking = ranker(known).ranking("sim")
    assert [each["name"] for each in ranking] == ["other_problem", "greet"]
    assert ranking[0]["confidence"] == pytest.approx(0.8)
    assert ranking[0]["topic"] == "phone_mobile"


def test_parts_are_those_that_speak_of_trouble() -> None:
    known = {
        "the wifi is down": {"wifi_connect": 0.9},
        "my printer jams": {"printer_offline": 0.95},
        "have a nice day": {"goodbye": 0.9},
    }
    segments = ranker(known).segments("the wifi is down. my printer jams. have a nice day")
    assert [(each["text"], each["start"]) for each in segments] == [("the wifi is down", 0), ("my printer jams", 18)]
    assert segments[0]["ranking"] == [{"name": "wifi_connect", "confidence": 0.9}]


@pytest.mark.parametrize(
    ("text", "parts"), [("the wifi is down. my printer jams", 0), ("the wifi is down and my printer jams", 2)]
)
def test_a_sentence_that_may_go_on_with_the_story_must_be_surer_than_what_is_told_as_another(
    text: str, parts: int
) -> None:
    known = {"the wifi is down": {"wifi_connect": 0.9}, "my printer jams": {"printer_offline": 0.7}}
    assert len(ranker(known).segments(text)) == parts


def test_one_problem_has_no_parts() -> None:
    assert ranker({"the wifi is down": {"wifi_connect": 0.9}}).segments("the wifi is down") == []


def test_every_intent_has_its_place_among_the_topics() -> None:
    listed = {*TOPICS.of, *yaml.safe_load((ROOT / "bot" / "topics.yml").read_text())["none"]["problems"]}
    listed |= TOPICS.conversation
    trained = {
        block["intent"]
        for path in (ROOT / "data" / "nlu").glob("*.yml")
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]
    }
    assert trained <= listed


def test_no_sentence_means_two_things() -> None:
    meanings: dict[tuple[str, str], set[str]] = {}
    for path in (ROOT / "data" / "nlu").glob("*.yml"):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            for line in block["examples"].splitlines():
                key = (block["metadata"]["language"], " ".join(line.strip()[2:].casefold().split()))
                meanings.setdefault(key, set()).add(block["intent"])
    assert {text: intents for (_, text), intents in meanings.items() if len(intents) > 1} == {}


MAIL = "The screen of the meeting room is black. I tried another cable. I also tried another laptop."


def test_a_mail_whose_whole_is_not_sure_is_weighed_with_its_sentences_the_first_most() -> None:
    known = {
        MAIL: {"wired_network": 0.3, "external_display": 0.2, "computer_slow": 0.1},
        "The screen of the meeting room is black.": {"external_display": 0.8},
        "I tried another cable.": {"wired_network": 0.8},
        "I also tried another laptop.": {"greet": 0.9},
    }
    names = {each["name"]: each["confidence"] for each in ranker(known).letter(MAIL)}
    assert names["external_display"] == pytest.approx((0.2 + 0.6) / 2)
    assert names["wired_network"] == pytest.approx((0.3 + 0.2) / 2)
    assert next(iter(names)) == "external_display"


def test_a_mail_whose_whole_is_sure_needs_no_sentences() -> None:
    known = {MAIL: {"meeting_join": 0.7, "greet": 0.1}, "I tried another cable.": {"wired_network": 0.9}}
    assert ranker(known).letter(MAIL)[0] == {"name": "meeting_join", "confidence": 0.7}


def test_what_a_mail_announces_as_another_problem_is_a_part_and_has_no_say_in_the_first() -> None:
    known = {
        "The wifi is down.": {"wifi_connect": 0.9},
        "my printer jams.": {"printer_offline": 0.7},
        "I restarted it.": {"blue_screen": 0.95},
    }
    mail = "The wifi is down. Another thing: my printer jams."
    assert ranker(known).letter(mail)[0] == {"name": "wifi_connect", "confidence": 0.9}
    assert [each["text"] for each in ranker(known).letter_segments(mail)] == ["my printer jams."]
    assert ranker(known).letter_segments("The wifi is down. I restarted it.") == []
