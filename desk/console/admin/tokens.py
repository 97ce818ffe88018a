"""Tokens by which programs use the API in a technician's name."""

from __future__ import annotations

from datetime import timedelta

from starlette.responses import Response
from starlette.routing import Route

from desk import logins
from desk.console.admin.page import AdminPage, Form, refused
from desk.console.fields import required
from desk.console.session import Gate
from desk.console.visit import Visit
from desk.model.errors import Invalid, NotFound
from desk.store import technicians

_LONGEST = 3650


class Tokens(AdminPage):
    """All of them."""

    section = "tokens"

    def routes(self, gate: Gate) -> list[Route]:
        """Its addresses."""
        one = "/admin/tokens/{token:id}"
        return [
            Route("/admin/tokens", self.allowed(gate, self.everything), name="admin_tokens"),
            Route("/admin/tokens", self.allowed(gate, self.create), methods=["POST"], name="admin_token_create"),
            Route(one + "/revoke", self.allowed(gate, self.revoke), methods=["POST"], name="admin_token_revoke"),
        ]

    async def everything(self, visit: Visit) -> Response:
        """The list, and the form to make one."""
        return await self._everything(visit, Form("token", {"technician": visit.me.id, "days": 365}))

    async def _everything(self, visit: Visit, form: Form, status: int = 200, *, token: str = "") -> Response:
        found, people = await self.database.read(
            lambda tx: (logins.tokens(tx, visit.me, visit.now), technicians.everybody(tx))
        )
        active = [who for who in people if who.active]
        return self.show(visit, "tokens", status, tokens=found, people=active, form=form, token=token)

    async def create(self, visit: Visit) -> Response:
        """Make one, and show it once."""
        typed = await visit.form()
        try:
            who, days = required(typed, "technician"), required(typed, "days")
            if not 1 <= days <= _LONGEST:
                raise Invalid("days", "range")
            name, lasts = typed.get("name", ""), timedelta(days=days)
            token = await self.database.write(lambda tx: logins.add_token(tx, visit.me, who, name, visit.now, lasts))
        except Invalid as error:
            return await self._everything(visit, refused(visit.texts, "token", typed, error), 422)
        except NotFound:
            wrong = Invalid("technician", "unknown")
            return await self._everything(visit, refused(visit.texts, "token", typed, wrong), 422)
        return await self._everything(visit, Form("token", {"technician": visit.me.id, "days": 365}), token=token)

    async def revoke(self, visit: Visit) -> Response:
        """End one."""
        number = visit.id("token")
        await self.database.write(lambda tx: logins.revoke_token(tx, visit.me, number))
        return self.done(visit, "revoked", "admin_tokens")
