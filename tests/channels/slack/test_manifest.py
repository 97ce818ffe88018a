"""The manifest by which the app is made at Slack asks for what the code needs, and for nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from channels.slack.oauth import SCOPES
from channels.slack.render import join_words

MANIFEST: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parents[3] / "docs" / "slack-app-manifest.yml").read_text("utf-8")
)


def test_it_asks_for_the_scopes_that_installing_by_oauth_asks_for() -> None:
    assert tuple(MANIFEST["oauth_config"]["scopes"]["bot"]) == SCOPES


def test_it_subscribes_to_what_the_channel_acts_on() -> None:
    assert set(MANIFEST["settings"]["event_subscriptions"]["bot_events"]) == {
        "app_home_opened",
        "app_mention",
        "app_uninstalled",
        "assistant_thread_started",
        "message.channels",
        "message.groups",
        "message.im",
        "tokens_revoked",
    }


def test_its_commands_and_names_fit_slacks_limits() -> None:
    assert [one["command"] for one in MANIFEST["features"]["slash_commands"]] == [
        "/support",
        "/ticket",
        "/firstline",
    ]
    assert len(MANIFEST["display_information"]["name"]) <= 35
    assert len(MANIFEST["display_information"]["description"]) <= 140
    assert MANIFEST["settings"]["socket_mode_enabled"]


def test_the_words_of_an_invitation_begin_with_one_of_its_commands() -> None:
    command = join_words("c0de").split()[0]
    assert command in [one["command"] for one in MANIFEST["features"]["slash_commands"]]
