"""In which language Slack is spoken to, and what has a name there."""

from __future__ import annotations

from desk.model.conversation import Reason
from desk.slack.texts import Spoken


def test_every_reason_has_a_name() -> None:
    assert [reason for reason in Reason if not Spoken()("nl").has(f"reason.{reason.value}")] == []


def test_the_first_language_that_is_spoken_is_taken() -> None:
    spoken = Spoken()
    assert spoken("fr", None, "nl").language == "nl"
    assert spoken("fr").language == "en"
