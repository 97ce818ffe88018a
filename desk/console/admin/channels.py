"""Channels: which are on, what the others lack, and how they do."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import Route

from desk.console.admin.page import AdminPage
from desk.console.session import Gate
from desk.console.visit import Visit
from desk.store import channel_states


class Channels(AdminPage):
    """All of them."""

    section = "channels"

    def routes(self, gate: Gate) -> list[Route]:
        """Its address."""
        return [Route("/admin/channels", self.allowed(gate, self.everything), name="admin_channels")]

    async def everything(self, visit: Visit) -> Response:
        """What is known of each."""
        states = await self.database.read(channel_states.everything)
        shown = [(channel, states.get(channel.kind)) for channel in self.console.channels]
        return self.show(visit, "channels", channels=shown)
