"""Canned replies; leads may edit them too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from starlette.responses import Response
from starlette.routing import Route

from desk import canned
from desk.console.admin.page import AdminPage, Form, refused
from desk.console.session import Gate
from desk.console.visit import Visit
from desk.model.canned import Draft, Placeholder, fill
from desk.model.errors import Invalid
from desk.model.technician import Permission
from desk.store import canned as store
from desk.store import teams


class CannedReplies(AdminPage):
    """All of them, and one at a time."""

    section = "canned"
    permission = Permission.SHARE

    def routes(self, gate: Gate) -> list[Route]:
        """Its addresses."""
        one = "/admin/canned/{canned:id}"
        return [
            Route("/admin/canned", self.allowed(gate, self.everything), name="admin_canned"),
            Route("/admin/canned", self.allowed(gate, self.create), methods=["POST"], name="admin_canned_create"),
            Route("/admin/canned/new", self.allowed(gate, self.new), name="admin_canned_new"),
            Route("/admin/canned/preview", self.allowed(gate, self.preview), methods=["POST"], name="admin_preview"),
            Route(one, self.allowed(gate, self.one), name="admin_canned_one"),
            Route(one, self.allowed(gate, self.change), methods=["POST"], name="admin_canned_change"),
            Route(one + "/delete", self.allowed(gate, self.delete), methods=["POST"], name="admin_canned_delete"),
        ]

    async def everything(self, visit: Visit) -> Response:
        """The list."""
        found, names = await self.database.read(lambda tx: (store.everything(tx), teams.everyone(tx)))
        return self.show(visit, "canned_list", replies=found, teams={team.key: team for team in names})

    async def new(self, visit: Visit) -> Response:
        """The form to add one."""
        return await self._form(visit, Form("canned"))

    async def _form(self, visit: Visit, form: Form, status: int = 200, *, number: int | None = None) -> Response:
        names = await self.database.read(teams.everyone)
        shown = self._previews(visit, form.values)
        return self.show(
            visit, "canned", status, number=number, teams=names, form=form, previews=shown, placeholders=Placeholder
        )

    def _previews(self, visit: Visit, values: Mapping[str, object]) -> Mapping[str, str]:
        """What customers would read, by language."""
        texts = visit.texts
        sample = {
            Placeholder.CUSTOMER: texts("admin.canned.sample_customer"),
            Placeholder.TICKET: texts("admin.canned.sample_ticket"),
            Placeholder.ME: visit.me.name,
        }
        return {code: fill(str(values.get(f"text_{code}") or ""), sample) for code in ("en", "nl")}

    async def preview(self, visit: Visit) -> Response:
        """What customers would read of what stands in the form."""
        return self.show(visit, "canned_preview", previews=self._previews(visit, await visit.form()))

    async def create(self, visit: Visit) -> Response:
        """Add one."""
        typed = await visit.form()
        try:
            await self.database.write(lambda tx: canned.create(tx, visit.me, _read(typed), visit.now))
        except Invalid as error:
            return await self._form(visit, refused(visit.texts, "canned", typed, error), 422)
        return self.done(visit, "added", "admin_canned")

    async def one(self, visit: Visit) -> Response:
        """One of them, to be changed."""
        number = visit.id("canned")
        found = await self.database.read(lambda tx: store.get(tx, number))
        return await self._form(visit, Form("canned", asdict(found)), number=number)

    async def change(self, visit: Visit) -> Response:
        """Change it."""
        typed, number = await visit.form(), visit.id("canned")
        try:
            await self.database.write(lambda tx: canned.change(tx, visit.me, number, _read(typed), visit.now))
        except Invalid as error:
            return await self._form(visit, refused(visit.texts, "canned", typed, error), 422, number=number)
        return self.done(visit, "saved", "admin_canned")

    async def delete(self, visit: Visit) -> Response:
        """Remove it."""
        number = visit.id("canned")
        await self.database.write(lambda tx: canned.delete(tx, visit.me, number))
        return self.done(visit, "removed", "admin_canned")


def _read(typed: Mapping[str, str]) -> Draft:
    shortcut, title, english, dutch = (typed.get(name, "") for name in ("shortcut", "title", "text_en", "text_nl"))
    return Draft(shortcut, title, english, dutch, typed.get("team") or None)
