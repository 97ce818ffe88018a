"""Webhooks: which programs are told what happens, and whether it arrived."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response
from starlette.routing import Route

from desk import webhooks
from desk.console.admin.page import AdminPage, Form, refused
from desk.console.session import Gate
from desk.console.visit import Visit
from desk.model.errors import Invalid
from desk.model.event import SUBSCRIBED
from desk.model.page import Page
from desk.model.webhook import Delivery, Webhook
from desk.store.database import Transaction

_LARGEST = 2**53 - 1


class Webhooks(AdminPage):
    """All webhooks, and one at a time with its log."""

    section = "webhooks"

    def routes(self, gate: Gate) -> list[Route]:
        """Its addresses."""
        one = "/admin/webhooks/{webhook:id}"
        return [
            Route("/admin/webhooks", self.allowed(gate, self.everything), name="admin_webhooks"),
            Route("/admin/webhooks", self.allowed(gate, self.create), methods=["POST"], name="admin_webhook_create"),
            Route(one, self.allowed(gate, self.one), name="admin_webhook"),
            Route(one, self.allowed(gate, self.change), methods=["POST"], name="admin_webhook_change"),
            Route(one + "/secret", self.allowed(gate, self.rotate), methods=["POST"], name="admin_webhook_secret"),
            Route(one + "/ping", self.allowed(gate, self.ping), methods=["POST"], name="admin_webhook_ping"),
            Route(one + "/again", self.allowed(gate, self.again), methods=["POST"], name="admin_webhook_again"),
            Route(one + "/remove", self.allowed(gate, self.remove), methods=["POST"], name="admin_webhook_remove"),
        ]

    async def everything(self, visit: Visit) -> Response:
        """The list, and the form to add one."""
        return await self._everything(visit, Form("new"))

    async def _everything(self, visit: Visit, form: Form, status: int = 200) -> Response:
        found = await self.database.read(lambda tx: webhooks.everyone(tx, visit.me))
        return self.show(visit, "webhooks", status, webhooks=found, types=SUBSCRIBED, form=form)

    async def create(self, visit: Visit) -> Response:
        """Add one, and show its secret once."""
        typed = await visit.form()
        try:
            made, secret = await self.database.write(
                lambda tx: webhooks.add(tx, typed.get("url", "").strip(), _types(typed), visit.me, visit.now)
            )
        except Invalid as error:
            return await self._everything(visit, refused(visit.texts, "new", typed, error), 422)
        return await self._one(visit, made.id, secret=secret)

    async def one(self, visit: Visit) -> Response:
        """One webhook; ``?before=`` goes back in its log."""
        return await self._one(visit, visit.id("webhook"))

    async def _one(
        self, visit: Visit, number: int, form: Form | None = None, status: int = 200, *, secret: str = ""
    ) -> Response:
        asked = visit.request.query_params.get("before", "")
        before = min(int(asked), _LARGEST) if asked.isascii() and asked.isdecimal() and len(asked) < 19 else None

        def work(tx: Transaction) -> tuple[Webhook, Page[Delivery]]:
            found = webhooks.get(tx, number, visit.me)
            return found, webhooks.deliveries(tx, number, visit.me, before=before)

        webhook, log = await self.database.read(work)
        wanted = {"url": webhook.url, "active": webhook.active, **dict.fromkeys(webhook.events, True)}
        form = form or Form("webhook", wanted)
        return self.show(
            visit, "webhook", status, webhook=webhook, log=log, types=SUBSCRIBED, form=form, secret_shown=secret
        )

    async def change(self, visit: Visit) -> Response:
        """Change where it is, what it is told, and whether it is on."""
        typed, number = await visit.form(), visit.id("webhook")
        url, active = typed.get("url", "").strip(), "active" in typed
        try:
            await self.database.write(
                lambda tx: webhooks.edit(
                    tx, number, visit.me, visit.now, url=url, event_types=_types(typed), active=active
                )
            )
        except Invalid as error:
            return await self._one(visit, number, refused(visit.texts, "webhook", typed, error), 422)
        return self.done(visit, "saved", "admin_webhook", webhook=number)

    async def rotate(self, visit: Visit) -> Response:
        """Make a new secret, and show it once."""
        number = visit.id("webhook")
        secret = await self.database.write(lambda tx: webhooks.rotate(tx, number, visit.me))
        return await self._one(visit, number, secret=secret)

    async def ping(self, visit: Visit) -> Response:
        """Try it out."""
        number = visit.id("webhook")
        await self.database.write(lambda tx: webhooks.ping(tx, number, visit.me, visit.now))
        return self.done(visit, "sending", "admin_webhook", webhook=number)

    async def again(self, visit: Visit) -> Response:
        """Send one delivery again."""
        number, delivery = visit.id("webhook"), (await visit.form()).get("delivery", "")
        await self.database.write(lambda tx: webhooks.send_again(tx, number, delivery[:36], visit.me, visit.now))
        return self.done(visit, "sending", "admin_webhook", webhook=number)

    async def remove(self, visit: Visit) -> Response:
        """Forget it and its log."""
        number = visit.id("webhook")
        await self.database.write(lambda tx: webhooks.remove(tx, number, visit.me))
        return self.done(visit, "removed", "admin_webhooks")


def _types(typed: Mapping[str, str]) -> list[str]:
    return [event_type.value for event_type in SUBSCRIBED if event_type.value in typed]
