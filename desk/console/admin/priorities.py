"""The matrix by which impact and urgency become a priority."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import Route

from desk import teams
from desk.console.admin.page import AdminPage
from desk.console.fields import required
from desk.console.session import Gate
from desk.console.visit import Visit
from desk.store import teams as store


class Priorities(AdminPage):
    """The matrix."""

    section = "priorities"

    def routes(self, gate: Gate) -> list[Route]:
        """Its address."""
        return [
            Route("/admin/priorities", self.allowed(gate, self.matrix), name="admin_priorities"),
            Route(
                "/admin/priorities", self.allowed(gate, self.change), methods=["POST"], name="admin_priorities_change"
            ),
        ]

    async def matrix(self, visit: Visit) -> Response:
        """The matrix, to be changed."""
        found = await self.database.read(store.matrix)
        return self.show(visit, "priorities", matrix=found, levels=teams.LEVELS, priorities=teams.PRIORITIES)

    async def change(self, visit: Visit) -> Response:
        """Replace it."""
        typed = await visit.form()
        cells = [(impact, urgency) for impact in teams.LEVELS for urgency in teams.LEVELS]
        wanted = {cell: required(typed, "priority-{}-{}".format(*cell)) for cell in cells}
        await self.database.write(lambda tx: teams.set_priorities(tx, visit.me, wanted))
        return self.done(visit, "saved", "admin_priorities")
