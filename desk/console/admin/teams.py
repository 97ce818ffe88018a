"""Teams: what they are called, where they are, and who is in them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import asdict
from zoneinfo import available_timezones

from starlette.responses import Response
from starlette.routing import Route

from desk import teams
from desk.console.admin.page import AdminPage, Form, refused
from desk.console.fields import required
from desk.console.session import Gate
from desk.console.visit import Visit
from desk.model.errors import Conflict, Invalid
from desk.model.slack import read_place
from desk.model.team import WEEKDAYS, Team, write_intervals
from desk.store import teams as store
from desk.store import technicians
from desk.store.database import Transaction
from desk.teams import TeamView


class Teams(AdminPage):
    """All teams, and one at a time."""

    section = "teams"

    def routes(self, gate: Gate) -> list[Route]:
        """Its addresses."""
        one = "/admin/teams/{team}"
        return [
            Route("/admin/teams", self.allowed(gate, self.everyone), name="admin_teams"),
            Route("/admin/teams", self.allowed(gate, self.create), methods=["POST"], name="admin_team_create"),
            Route(one, self.allowed(gate, self.one), name="admin_team"),
            Route(one, self.allowed(gate, self.change), methods=["POST"], name="admin_team_change"),
            Route(one + "/members", self.allowed(gate, self.members), methods=["POST"], name="admin_team_members"),
            Route(one + "/slack", self.allowed(gate, self.try_slack), methods=["POST"], name="admin_team_slack"),
        ]

    async def everyone(self, visit: Visit) -> Response:
        """The list, and the form to add one."""
        base = await self.database.read(store.fallback)
        zone = base.time_zone if base else "UTC"
        holidays = base.holidays if base else None
        return await self._everyone(visit, Form("new", {"time_zone": zone, "holidays": holidays, "reopen_days": 7}))

    async def _everyone(self, visit: Visit, form: Form, status: int = 200) -> Response:
        def work(tx: Transaction) -> list[tuple[TeamView, int]]:
            counts = store.member_counts(tx)
            return [(teams.view(tx, team.key), counts.get(team.key, 0)) for team in store.everyone(tx)]

        found = await self.database.read(work)
        return self.show(visit, "teams", status, views=found, form=form, zones=_zones())

    async def create(self, visit: Visit) -> Response:
        """Add one; its hours come next."""
        typed = await visit.form()
        try:
            team = await _read(typed, typed.get("key", "").strip(), active=True, fallback=False)
            await self.database.write(lambda tx: teams.create(tx, visit.me, team, visit.now))
        except Invalid as error:
            return await self._everyone(visit, refused(visit.texts, "new", typed, error), 422)
        return self.done(visit, "added", "admin_team", team=team.key)

    async def one(self, visit: Visit) -> Response:
        """One team with everything about it."""
        return await show_team(self, visit)

    async def change(self, visit: Visit) -> Response:
        """Change what it is called, where it is, and what it gets."""
        typed, key = await visit.form(), visit.request.path_params["team"]
        try:
            team = await _read(typed, key, active="active" in typed, fallback="fallback" in typed)
            await self.database.write(lambda tx: teams.change(tx, visit.me, team))
        except Invalid as error:
            return await show_team(self, visit, refused(visit.texts, "team", typed, error))
        return self.done(visit, "saved", "admin_team", team=key)

    async def members(self, visit: Visit) -> Response:
        """Replace its members."""
        form, key = await visit.form(), visit.request.path_params["team"]
        # 18 digits at most, as ids have: others are none of ours.
        chosen = [int(found[1]) for name in form if (found := re.fullmatch(r"member-([0-9]{1,18})", name))]
        await self.database.write(lambda tx: teams.set_members(tx, visit.me, key, chosen))
        return self.done(visit, "saved", "admin_team", team=key)

    async def try_slack(self, visit: Visit) -> Response:
        """Post something in the team's channel in Slack, and say whether that works."""
        key = visit.request.path_params["team"]
        team = await self.database.read(lambda tx: store.get(tx, key))
        if self.console.slack is None or team.slack_channel is None:
            raise Conflict("try", "off")
        place = read_place(team.slack_channel)
        failed = await self.console.slack.announce(place, team.name(visit.texts.language), visit.texts.language)
        if failed is None:
            return self.done(visit, "slack_sent", "admin_team", team=key)
        key_of = f"admin.slack.failed.{failed}"
        words = visit.texts(key_of) if visit.texts.has(key_of) else visit.texts("admin.slack.failed.other", code=failed)
        return await show_team(self, visit, Form("team", asdict(team), "slack_channel", words))


async def show_team(page: AdminPage, visit: Visit, refusal: Form | None = None) -> Response:
    """The page of one team; `refusal` is the form on it that was filled in wrongly."""
    key = visit.request.path_params["team"]
    view, people = await page.database.read(lambda tx: (teams.view(tx, key), technicians.everybody(tx)))
    hours = {f"day-{day}": write_intervals(view.hours.get(day, ())) for day in WEEKDAYS}
    forms = {"team": Form("team", asdict(view.team)), "hours": Form("hours", hours), "closed": Form("closed")}
    if refusal is not None:
        forms[refusal.id] = refusal
    return page.show(
        visit,
        "team",
        422 if refusal else 200,
        view=view,
        people=[who for who in people if who.active or who.id in view.members],
        forms=forms,
        zones=_zones(),
        slack=page.console.slack is not None,
    )


async def _read(typed: Mapping[str, str], key: str, *, active: bool, fallback: bool) -> Team:
    return Team(
        key,
        typed.get("name_en", ""),
        typed.get("name_nl", ""),
        typed.get("time_zone", "").strip(),
        # Read in a thread, since the first time takes long.
        await asyncio.to_thread(teams.country, typed.get("holidays")),
        required(typed, "reopen_days"),
        fallback=fallback,
        active=active,
        slack_channel=typed.get("slack_channel"),
    )


def _zones() -> list[str]:
    return sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/")))
