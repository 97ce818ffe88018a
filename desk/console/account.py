"""What technicians set for themselves, and where they are logged in."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from desk import logins, slack_accounts, technicians
from desk.console.agents import described
from desk.console.rendering import Renderer
from desk.console.session import Gate
from desk.console.visit import LANGUAGE, Console, Visit
from desk.model.slack import Person
from desk.store import teams
from desk.store.database import Transaction


class Account:
    """My account."""

    def __init__(self, console: Console, renderer: Renderer) -> None:
        self._console = console
        self._database = console.database
        self._renderer = renderer

    def routes(self, gate: Gate) -> list[Route]:
        """Its addresses."""
        return [
            Route("/account", gate.signed_in(self.page), name="account"),
            Route("/account", gate.signed_in(self.change), methods=["POST"], name="account_change"),
            Route("/account/slack", gate.signed_in(self.slack_code), methods=["POST"], name="account_slack"),
            Route("/account/slack/end", gate.signed_in(self.slack_end), methods=["POST"], name="account_slack_end"),
            Route("/account/sessions", gate.signed_in(self.end), methods=["POST"], name="account_sessions"),
        ]

    async def page(self, visit: Visit) -> Response:
        """All of it."""
        return await self._page(visit)

    async def _page(self, visit: Visit, code: str = "") -> Response:
        me = visit.me
        sessions, mine, everyone, linked = await self._database.read(
            lambda tx: (
                logins.sessions(tx, me, me.id, visit.now, visit.token),
                teams.of_technician(tx, me.id),
                teams.everyone(tx),
                slack_accounts.of(tx, me.id, me),
            )
        )
        done = visit.request.query_params.get("done", "")
        return self._renderer.page(
            visit,
            "account.html",
            sessions=[(session, described(session.agent)) for session in sessions],
            teams=[team.name(visit.texts.language) for team in everyone if team.key in mine],
            done=done if visit.texts.has(f"admin.done.{done}") else "",
            linked=linked,
            slack=self._console.slack is not None,
            code=code,
            minutes=int(slack_accounts.CODE_LASTS.total_seconds()) // 60,
        )

    async def slack_code(self, visit: Visit) -> Response:
        """A code by which somebody says in Slack who they are; shown once."""
        return await self._page(
            visit, await self._database.write(lambda tx: slack_accounts.new_code(tx, visit.me, visit.now))
        )

    async def slack_end(self, visit: Visit) -> Response:
        """Somebody in Slack is no longer me."""
        workspace, _, user = (await visit.form()).get("person", "").partition("/")
        person = Person(workspace, user)
        await self._database.write(lambda tx: slack_accounts.unlink(tx, visit.me.id, visit.me, person))
        return RedirectResponse(f"{visit.url('account')}?done=unlinked", 303)

    async def change(self, visit: Visit) -> Response:
        """Whether to be told by mail, and the language."""
        form = await visit.form()
        language = form.get("language") if form.get("language") in self._console.spoken else None
        mailed = "mailed" in form
        await self._database.write(lambda tx: technicians.prefer(tx, visit.me, mailed=mailed, language=language))
        response = RedirectResponse(f"{visit.url('account')}?done=saved", 303)
        if language:
            visit.keep(response, LANGUAGE, language, secure=self._console.secure_cookie)
        return response

    async def end(self, visit: Visit) -> Response:
        """End one login, or all others."""
        session, me = (await visit.form()).get("session", ""), visit.me

        def work(tx: Transaction) -> None:
            if session.isdecimal():
                logins.end_session(tx, me, int(session[:18]))
            else:
                logins.end_sessions(tx, me, me.id, but=visit.token)

        await self._database.write(work)
        return RedirectResponse(f"{visit.url('account')}?done=signed_out", 303)
