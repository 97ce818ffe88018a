"""What the console has to do with Slack: codes, links, and teams' channels."""

from __future__ import annotations

import re

import httpx
import pytest

from desk import slack_accounts, teams
from desk.model.slack import Person, Place
from desk.model.technician import Role
from desk.store import technicians
from desk.store.database import Database
from tests.desk.conftest import Clock
from tests.desk.console.conftest import Browser, hire, logged_in


class Announcements:
    """Takes announcements, or says why not."""

    def __init__(self) -> None:
        self.made: list[tuple[Place, str, str]] = []
        self.refuses: str | None = None

    async def announce(self, place: Place, name: str, language: str) -> str | None:
        self.made.append((place, name, language))
        return self.refuses


@pytest.fixture
def announcements() -> Announcements:
    return Announcements()


@pytest.fixture
def slack(announcements: Announcements) -> Announcements:
    return announcements


@pytest.fixture
async def bo(browser: Browser, database: Database, clock: Clock) -> httpx.AsyncClient:
    """An administrator."""
    hire(database, clock, "Bo")
    with database.transaction() as tx:
        found = technicians.by_email(tx, "bo@example.org")
        assert found is not None
        technicians.change(tx, found[0].id, role=Role.ADMIN.value)
    return await logged_in(await browser(), "Bo")


async def test_a_code_is_made_shown_once_and_its_link_ended(
    tess_browser: httpx.AsyncClient, database: Database, clock: Clock
) -> None:
    assert "/firstline " not in (await tess_browser.get("account")).text
    made = await tess_browser.post("account/slack")
    found = re.search(r"/firstline ([A-Z0-9-]+)", made.text)
    assert found
    assert found[1] not in (await tess_browser.get("account")).text
    with database.transaction() as tx:
        tess = slack_accounts.link(tx, Person("T1", "U1"), found[1], clock())
    assert "T1/U1" in (await tess_browser.get("account")).text
    ended = await tess_browser.post("account/slack/end", data={"person": "T1/U1"})
    assert ended.headers["location"].endswith("done=unlinked")
    with database.snapshot() as tx:
        assert slack_accounts.of(tx, tess.id, tess) == []


async def test_an_administrator_ends_somebody_elses_link(
    bo: httpx.AsyncClient, tess_browser: httpx.AsyncClient, database: Database, clock: Clock
) -> None:
    with database.transaction() as tx:
        found = technicians.by_email(tx, "tess@example.org")
        assert found is not None
        tess = found[0]
        slack_accounts.link(tx, Person("T1", "U1"), slack_accounts.new_code(tx, tess, clock()), clock())
    assert "T1/U1" in (await bo.get(f"admin/technicians/{tess.id}")).text
    await bo.post(f"admin/technicians/{tess.id}/slack", data={"person": "T1/U1"})
    with database.snapshot() as tx:
        assert slack_accounts.technician_of(tx, Person("T1", "U1")) is None


ABOUT = {
    "name_en": "Service desk",
    "name_nl": "Servicedesk",
    "time_zone": "Europe/Amsterdam",
    "reopen_days": "7",
    "active": "on",
    "fallback": "on",
}


async def test_a_team_gets_a_channel_that_is_tried_out(
    bo: httpx.AsyncClient, database: Database, announcements: Announcements
) -> None:
    page = "admin/teams/servicedesk"
    refused = await bo.post(page, data={**ABOUT, "slack_channel": "#helpdesk"})
    assert refused.status_code == 422
    assert "This is no channel." in refused.text
    await bo.post(page, data={**ABOUT, "slack_channel": " T1/C1 "})
    with database.snapshot() as tx:
        assert teams.view(tx, "servicedesk").team.slack_channel == "T1/C1"
    tried = await bo.post(f"{page}/slack")
    assert tried.headers["location"].endswith("done=slack_sent")
    assert announcements.made == [(Place("C1", "T1"), "Service desk", "en")]
    announcements.refuses = "not_in_channel"
    assert "/invite" in (await bo.post(f"{page}/slack")).text
    announcements.refuses = "team_access_not_granted"
    assert "Slack did not take it: team_access_not_granted." in (await bo.post(f"{page}/slack")).text
    await bo.post(page, data={**ABOUT, "slack_channel": ""})
    with database.snapshot() as tx:
        assert teams.view(tx, "servicedesk").team.slack_channel is None


async def test_without_slack_there_is_nothing_to_try(
    database: Database, clock: Clock, browser: Browser, bo: httpx.AsyncClient, announcements: Announcements
) -> None:
    assert (await bo.post("admin/teams/servicedesk/slack")).status_code == 409
    assert announcements.made == []
