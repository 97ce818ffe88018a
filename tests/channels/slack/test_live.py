"""Slack itself: a message is sent, a choice is asked for, and the socket opens. Needs a workspace for tests."""

from __future__ import annotations

import asyncio
import os

import pytest

from channels.slack.app import SlackApp
from channels.slack.channel import SlackChannel
from tests.channels.memory_keep import MemoryKeep
from tests.channels.memory_log import MemoryLog
from tests.channels.slack import events

NAMES = ("FIRSTLINE_LIVE_SLACK_BOT_TOKEN", "FIRSTLINE_LIVE_SLACK_APP_TOKEN", "FIRSTLINE_LIVE_SLACK_USER")


@pytest.mark.slow
@pytest.mark.skipif(
    not all(map(os.environ.get, NAMES)), reason=f"needs {', '.join(NAMES)} (the id of who is written to)"
)
async def test_a_question_arrives_at_slack_and_the_socket_opens() -> None:
    bot_token, app_token, user = (os.environ[name] for name in NAMES)
    app = SlackApp(token=bot_token, app_token=app_token)
    own = await app.workspaces.own()
    assert own is not None
    channel = SlackChannel(app, MemoryKeep())
    listening = asyncio.create_task(channel.listen(MemoryLog()))
    question = events.outgoing(
        "**Live test**: is it on?", buttons=events.buttons("Yes", "No"), address=f"{own.id}:{user}"
    )
    receipt = await channel.send(question)
    assert receipt.external_id
    done, _ = await asyncio.wait({listening}, timeout=5)
    assert not done, "the socket was refused"
    listening.cancel()
