"""Technicians: who they are, what they may do, and where they are logged in."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import Route

from desk import accounts, logins, notices, slack_accounts, technicians
from desk.console.admin.page import AdminPage, Form, refused
from desk.console.agents import described
from desk.console.session import Gate
from desk.console.visit import Visit
from desk.model.errors import Conflict, Invalid, NotFound
from desk.model.mail import MailFailed
from desk.model.slack import Person
from desk.model.technician import Account, Role, Technician
from desk.store import teams as team_store
from desk.store.database import Transaction


class Technicians(AdminPage):
    """Everybody, and one at a time."""

    section = "technicians"

    def routes(self, gate: Gate) -> list[Route]:
        """Its addresses."""
        one = "/admin/technicians/{technician:id}"

        def post(path: str, name: str, handler: object) -> Route:
            return Route(path, self.allowed(gate, handler), methods=["POST"], name=name)  # type: ignore[arg-type]

        return [
            Route("/admin/technicians", self.allowed(gate, self.everybody), name="admin_technicians"),
            post("/admin/technicians", "admin_invite", self.invite),
            Route(one, self.allowed(gate, self.one), name="admin_technician"),
            post(one, "admin_technician_change", self.change),
            post(one + "/link", "admin_technician_link", self.link),
            post(one + "/deactivate", "admin_technician_deactivate", self.deactivate),
            post(one + "/activate", "admin_technician_activate", self.activate),
            post(one + "/sign-out", "admin_technician_sign_out", self.sign_out),
            post(one + "/slack", "admin_technician_slack", self.unlink),
        ]

    async def everybody(self, visit: Visit) -> Response:
        """The list, and the form to invite somebody."""
        return await self._everybody(visit, Form("invite", {"role": Role.AGENT.value}))

    async def _everybody(self, visit: Visit, form: Form, status: int = 200) -> Response:
        found, names = await self.database.read(lambda tx: (accounts.everybody(tx, visit.me), _teams(tx, visit)))
        return self.show(visit, "technicians", status, accounts=found, teams=names, now=visit.now, form=form)

    async def invite(self, visit: Visit) -> Response:
        """Invite somebody by mail, and show the link once."""
        typed = await visit.form()
        email, name = typed.get("email", ""), typed.get("name", "")
        try:
            role = _role(typed.get("role", ""))
            invited, token = await self.database.write(
                lambda tx: technicians.invite(tx, visit.me, email, name, role, visit.now)
            )
        except Invalid as error:
            return await self._everybody(visit, refused(visit.texts, "invite", typed, error), 422)
        link = self._link(visit, token)
        wrong = await self._mail(visit, invited, link)
        mailed = self.console.mailer.delivers and not wrong
        return self._shown(visit, invited, link, mailed=mailed, wrong=wrong)

    async def _mail(self, visit: Visit, invited: Technician, link: str) -> str:
        """Mail the link to whom it is for; why that failed, or nothing."""
        until = f"{(visit.now + technicians.LINK_LASTS).astimezone(visit.zone):%Y-%m-%d %H:%M %Z}"
        mail = notices.invitation(invited.email, visit.me.name, link, until, visit.texts.language)
        try:
            await self.console.mailer.send(mail)
        except MailFailed as failed:
            return failed.detail or type(failed).__name__
        return ""

    def _shown(self, visit: Visit, who: Technician, link: str, *, mailed: bool = False, wrong: str = "") -> Response:
        days = technicians.LINK_LASTS.days
        return self.show(visit, "link", who=who, link=link, days=days, mailed=mailed, wrong=wrong)

    def _link(self, visit: Visit, token: str) -> str:
        asked = visit.request.url
        base = self.console.public_url or f"{asked.scheme}://{asked.netloc}"
        return base + visit.url("invitation", token=token)

    async def one(self, visit: Visit) -> Response:
        """One technician."""
        account = await self._account(visit)
        who = account.technician
        return await self._one(visit, account, Form("change", {"name": who.name, "role": who.role.value}))

    async def _one(self, visit: Visit, account: Account, form: Form, status: int = 200) -> Response:
        who = account.technician
        sessions, names, linked = await self.database.read(
            lambda tx: (
                logins.sessions(tx, visit.me, who.id, visit.now, visit.token),
                _teams(tx, visit),
                slack_accounts.of(tx, who.id, visit.me),
            )
        )
        shown = [(session, described(session.agent)) for session in sessions]
        found = {"account": account, "who": who, "sessions": shown, "teams": names, "linked": linked}
        return self.show(visit, "technician", status, **found, now=visit.now, form=form)

    async def _account(self, visit: Visit) -> Account:
        number = visit.id("technician")
        found = await self.database.read(lambda tx: accounts.everybody(tx, visit.me))
        for account in found:
            if account.technician.id == number:
                return account
        raise NotFound("technician", number)

    async def change(self, visit: Visit) -> Response:
        """Change name and role."""
        typed, number = await visit.form(), visit.id("technician")
        try:
            role = _role(typed.get("role", ""))
            await self.database.write(
                lambda tx: accounts.change(tx, visit.me, number, name=typed.get("name", ""), role=role)
            )
        except (Invalid, Conflict) as error:
            return await self._one(visit, await self._account(visit), refused(visit.texts, "change", typed, error), 422)
        return self.done(visit, "saved", "admin_technician", technician=number)

    async def link(self, visit: Visit) -> Response:
        """A new link by which they set a password, shown once."""
        account, number = await self._account(visit), visit.id("technician")
        token = await self.database.write(lambda tx: technicians.new_link(tx, visit.me, number, visit.now))
        return self._shown(visit, account.technician, self._link(visit, token))

    async def deactivate(self, visit: Visit) -> Response:
        """Shut them out."""
        number = visit.id("technician")
        return await self._switch(visit, "deactivated", lambda tx: accounts.deactivate(tx, visit.me, number, visit.now))

    async def activate(self, visit: Visit) -> Response:
        """Let them in again."""
        number = visit.id("technician")
        return await self._switch(visit, "activated", lambda tx: accounts.activate(tx, visit.me, number))

    async def _switch(self, visit: Visit, done: str, move: object) -> Response:
        try:
            await self.database.write(move)  # type: ignore[arg-type]
        except Conflict as error:
            account = await self._account(visit)
            who = account.technician
            values = {"name": who.name, "role": who.role.value}
            return await self._one(visit, account, refused(visit.texts, "switch", values, error), 409)
        return self.done(visit, done, "admin_technician", technician=visit.id("technician"))

    async def sign_out(self, visit: Visit) -> Response:
        """End one of their logins, or all."""
        number, session = visit.id("technician"), (await visit.form()).get("session", "")

        def work(tx: Transaction) -> None:
            if session.isdecimal():
                logins.end_session(tx, visit.me, int(session[:18]))
            else:
                logins.end_sessions(tx, visit.me, number, but=visit.token)

        await self.database.write(work)
        return self.done(visit, "signed_out", "admin_technician", technician=number)

    async def unlink(self, visit: Visit) -> Response:
        """Somebody in Slack is no longer this technician."""
        number = visit.id("technician")
        workspace, _, user = (await visit.form()).get("person", "").partition("/")
        person = Person(workspace, user)
        await self.database.write(lambda tx: slack_accounts.unlink(tx, number, visit.me, person))
        return self.done(visit, "unlinked", "admin_technician", technician=number)


def _role(value: str) -> Role:
    try:
        return Role(value)
    except ValueError:
        raise Invalid("role", "unknown") from None


def _teams(tx: Transaction, visit: Visit) -> dict[str, str]:
    return {team.key: team.name(visit.texts.language) for team in team_store.everyone(tx)}
