"""Categories: which team takes care of a kind of problem, and how far it usually reaches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from starlette.responses import Response
from starlette.routing import Route

from desk import teams
from desk.console.admin.page import AdminPage, Form, refused
from desk.console.fields import whole
from desk.console.session import Gate
from desk.console.visit import Visit
from desk.model.errors import Invalid, NotFound
from desk.model.team import Category
from desk.store import teams as store


class Categories(AdminPage):
    """All categories, and one at a time."""

    section = "categories"

    def routes(self, gate: Gate) -> list[Route]:
        """Its addresses."""
        one = "/admin/categories/{category}"
        return [
            Route("/admin/categories", self.allowed(gate, self.everything), name="admin_categories"),
            Route("/admin/categories", self.allowed(gate, self.create), methods=["POST"], name="admin_category_create"),
            Route(one, self.allowed(gate, self.one), name="admin_category"),
            Route(one, self.allowed(gate, self.change), methods=["POST"], name="admin_category_change"),
        ]

    async def everything(self, visit: Visit) -> Response:
        """The list, and the form to add one."""
        return await self._everything(visit, Form("new"))

    async def _everything(self, visit: Visit, form: Form, status: int = 200) -> Response:
        found, names = await self.database.read(lambda tx: (store.all_categories(tx), store.everyone(tx)))
        return self.show(visit, "categories", status, categories=found, teams=names, levels=teams.LEVELS, form=form)

    async def create(self, visit: Visit) -> Response:
        """Add one."""
        typed = await visit.form()
        try:
            new = _read(typed, typed.get("key", "").strip(), active=True)
            await self.database.write(lambda tx: teams.create_category(tx, visit.me, new))
        except Invalid as error:
            return await self._everything(visit, refused(visit.texts, "new", typed, error), 422)
        return self.done(visit, "added", "admin_categories")

    async def one(self, visit: Visit) -> Response:
        """One category."""
        key = visit.request.path_params["category"]
        found = await self.database.read(lambda tx: store.find_category(tx, key))
        if found is None:
            raise NotFound("category", key)
        return await self._one(visit, Form("category", asdict(found)))

    async def _one(self, visit: Visit, form: Form, status: int = 200) -> Response:
        names = await self.database.read(store.everyone)
        key = visit.request.path_params["category"]
        return self.show(visit, "category", status, key=key, teams=names, levels=teams.LEVELS, form=form)

    async def change(self, visit: Visit) -> Response:
        """Change it."""
        typed, key = await visit.form(), visit.request.path_params["category"]
        try:
            wanted = _read(typed, key, active="active" in typed)
            await self.database.write(lambda tx: teams.change_category(tx, visit.me, wanted))
        except Invalid as error:
            return await self._one(visit, refused(visit.texts, "category", typed, error), 422)
        return self.done(visit, "saved", "admin_categories")


def _read(typed: Mapping[str, str], key: str, *, active: bool) -> Category:
    team, impact = typed.get("team") or None, whole(typed, "impact")
    return Category(key, typed.get("name_en", ""), typed.get("name_nl", ""), team, impact, active=active)
