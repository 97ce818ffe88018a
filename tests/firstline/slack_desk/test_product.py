"""The whole app: the settings switch it on, and technicians' listeners come before customers'."""

from __future__ import annotations

from pathlib import Path

import pytest

from desk import handover
from desk.model.conversation import Reason
from desk.model.slack import Place
from desk.model.technician import Role
from desk.store import conversations as conversation_store
from desk.store import slack_cards, technicians
from desk.store.conversations import recent
from firstline.channel_settings import installed_channels
from firstline.settings import read_settings
from firstline.wiring import product
from tests.channels.slack import events
from tests.firstline.slack_desk.conftest import link, set_channel
from tests.firstline.slack_desk.team_slack import SERVICEDESK, TESS, TeamSlack, words
from tests.waiting import eventually


@pytest.mark.slow
async def test_a_customer_in_slack_is_helped_by_a_technician_in_slack(
    slack: TeamSlack, database_url: str, tmp_path: Path
) -> None:
    settings, warnings = read_settings(
        {
            "FIRSTLINE_DATA_DIR": str(tmp_path),
            "FIRSTLINE_DATABASE_URL": database_url,
            "FIRSTLINE_ENGINE_URL": "http://127.0.0.1:9",
            "FIRSTLINE_SLACK_BOT_TOKEN": slack.token,
            "FIRSTLINE_SLACK_APP_TOKEN": slack.app_token,
            "FIRSTLINE_SLACK_API_URL": slack.api_url,
            "FIRSTLINE_SLACK_LANGUAGE": "NL",
        },
        tmp_path / ".env",
    )
    assert warnings == []
    assert [one.on for one in installed_channels(settings) if one.kind == "slack_desk"] == [True]
    async with product(settings) as built:
        database = built.database
        with database.transaction() as tx:
            tess = technicians.create(tx, "tess@example.org", "Tess", Role.AGENT, "-", False, built.now())
        set_channel(database, "servicedesk", SERVICEDESK)
        link(database, built.now, tess, TESS)
        assert built.slack is not None
        assert await built.slack.announce(Place(SERVICEDESK), "Service desk", "en") is None
        assert slack.cards()[0].text == "Handovers to the team Service desk will appear here."
        await slack.push(events.message("My printer is on fire"))

        async def number_of() -> int | None:
            with database.snapshot() as tx:
                return next((one.id for one in recent(tx, closed=False)), None)

        number = await eventually(number_of)
        assert number is not None
        with database.transaction() as tx:
            current = conversation_store.get(tx, number, lock=True)
            handover.hand_over(tx, current, Reason.ASKED, "m", built.now())

        async def begun() -> bool:
            with database.snapshot() as tx:
                card = slack_cards.by_ts(tx, SERVICEDESK, slack.cards()[-1].ts)
            return card is not None and card.seq >= card.began > 0

        await eventually(begun)
        assert "Wachtend" in words(slack.cards()[1])
        await slack.push(slack.write(">> Stand back!", TESS, slack.cards()[1]))

        async def delivered() -> bool:
            return any(one.text == "Stand back!" or "Stand back!" in words(one) for one in slack.said("D1"))

        await eventually(delivered)

        async def confirmed() -> bool:
            return any("Bezorgd bij" in said for said in slack.thread(slack.cards()[1]))

        await eventually(confirmed)
        with database.snapshot() as tx:
            assert [one.id for one in recent(tx, closed=False)] == [number]
