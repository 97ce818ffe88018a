"""When a team is there: its hours by weekday, and the days on which it is closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from starlette.responses import Response
from starlette.routing import Route

from desk import teams
from desk.console.admin.page import AdminPage, refused
from desk.console.admin.teams import show_team
from desk.console.session import Gate
from desk.console.visit import Visit
from desk.model.errors import Invalid
from desk.model.team import WEEKDAYS, Interval, read_intervals


class Hours(AdminPage):
    """The lower half of a team's page."""

    section = "teams"

    def routes(self, gate: Gate) -> list[Route]:
        """Its addresses."""
        one = "/admin/teams/{team}"
        return [
            Route(one + "/hours", self.allowed(gate, self.hours), methods=["POST"], name="admin_team_hours"),
            Route(one + "/closed", self.allowed(gate, self.close), methods=["POST"], name="admin_team_close"),
            Route(one + "/open", self.allowed(gate, self.open), methods=["POST"], name="admin_team_open"),
        ]

    async def hours(self, visit: Visit) -> Response:
        """Replace the hours."""
        typed, key = await visit.form(), visit.request.path_params["team"]
        try:
            wanted = _read(typed)
            await self.database.write(lambda tx: teams.set_hours(tx, visit.me, key, wanted))
        except Invalid as error:
            form = refused(visit.texts, "hours", typed, error)
            return await show_team(self, visit, replace(form, wrong=form.wrong.replace("hours.", "day-")))
        return self.done(visit, "saved", "admin_team", team=key)

    async def close(self, visit: Visit) -> Response:
        """Add a day on which the team is closed."""
        typed, key = await visit.form(), visit.request.path_params["team"]
        try:
            day = _date(typed.get("day", ""))
            await self.database.write(lambda tx: teams.close_on(tx, visit.me, key, day, typed.get("day_name", "")))
        except Invalid as error:
            return await show_team(self, visit, refused(visit.texts, "closed", typed, error))
        return self.done(visit, "saved", "admin_team", team=key)

    async def open(self, visit: Visit) -> Response:
        """Take such a day away."""
        typed, key = await visit.form(), visit.request.path_params["team"]
        day = _date(typed.get("day", ""))
        await self.database.write(lambda tx: teams.open_on(tx, visit.me, key, day))
        return self.done(visit, "saved", "admin_team", team=key)


def _read(typed: Mapping[str, str]) -> dict[int, list[Interval]]:
    hours: dict[int, list[Interval]] = {}
    for day in WEEKDAYS:
        try:
            hours[day] = read_intervals(typed.get(f"day-{day}", ""))
        except ValueError:
            raise Invalid(f"hours.{day}", "malformed") from None
    return hours


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Invalid("day", "malformed") from None
