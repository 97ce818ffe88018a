"""Mails to technicians, through a real SMTP server that has its moods."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from sqlalchemy import select

from channels.email import addresses
from channels.email.addresses import smtp_server
from channels.email.smtp import Smtp
from desk import alerts, answering, clock, notices
from desk.answering import Question
from desk.model.conversation import Reason
from desk.model.mail import Mail, MailFailed
from desk.model.technician import Role, Technician
from desk.model.work import BackOff
from desk.store import tables
from desk.store import technicians as technician_store
from desk.store.database import Database
from desk.texts.mail import lay_out
from firstline.housekeeping import Housekeeping
from firstline.mail import TransportMailer, mailer
from firstline.mailing import Mailing
from firstline.product import Part, Product
from firstline.settings import read_settings
from tests.firstline.conftest import Start
from tests.ports import free_port
from tests.waiting import eventually

MAIL = Mail("tess@example.org", "Alice is waiting", "Look.", "<p>Look.</p>", "en", "notice-7")
SENDER = "desk@example.org"


class Server:
    """Takes mails; `moods` are what it answers first, one a mail."""

    def __init__(self, *moods: str) -> None:
        self.moods = list(moods)
        self.arrived: list[EmailMessage] = []

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:  # noqa: N802
        if self.moods:
            return self.moods.pop(0)
        parsed = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        self.arrived.append(parsed)
        return "250 OK"


def by(url: str) -> TransportMailer:
    """What sends technicians' mails to the server at `url`."""
    return TransportMailer(Smtp(smtp_server(url)), SENDER)


@contextmanager
def smtp(server: Server, **options: Any) -> Iterator[str]:
    """`server` listening; yields where, as ``127.0.0.1:port``."""
    controller = Controller(server, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    try:
        yield f"127.0.0.1:{controller.port}"
    finally:
        controller.stop()


async def test_a_mail_says_what_it_is_and_asks_for_no_answer_from_a_machine() -> None:
    server = Server()
    with smtp(server) as where:
        await by(f"smtp://{where}").send(MAIL)
        await by(f"smtp://{where}").send(MAIL)
    first, again = server.arrived
    assert (first["To"], first["Subject"], first["Auto-Submitted"]) == (
        "tess@example.org",
        MAIL.subject,
        "auto-generated",
    )
    assert first["Message-ID"] == again["Message-ID"] == "<notice-7@example.org>"
    assert first["Date"] is not None
    assert first["Content-Language"] == "en"
    plain, html = first.iter_parts()
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert plain.get_content().strip() == "Look."


@pytest.mark.parametrize(
    ("mood", "permanent"), [("451 later", False), ("550 no such user", True), ("554 spam", True), ("421 busy", False)]
)
async def test_a_server_that_says_later_is_tried_again_and_one_that_says_no_is_not(mood: str, permanent: bool) -> None:
    with smtp(Server(mood)) as where, pytest.raises(MailFailed) as caught:
        await by(f"smtp://{where}").send(MAIL)
    assert caught.value.permanent is permanent


async def test_a_refused_login_is_no_reason_to_throw_mails_away() -> None:
    def refuse(*_: object) -> AuthResult:
        return AuthResult(success=False, handled=False)

    server = Server()
    with smtp(server, authenticator=refuse, auth_require_tls=False) as where, pytest.raises(MailFailed) as caught:
        await by(f"smtp://tess:w%40rong@{where}").send(MAIL)
    assert (caught.value.permanent, server.arrived) == (False, [])
    assert caught.value.detail.startswith("login refused: 535")


async def test_a_server_that_is_down_is_tried_again() -> None:
    with pytest.raises(MailFailed) as caught:
        await by(f"smtp://127.0.0.1:{free_port()}").send(MAIL)
    assert not caught.value.permanent


async def test_a_password_is_never_sent_in_the_clear_to_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server here offers no TLS; only the question whether it is this machine is answered otherwise."""
    monkeypatch.setattr(addresses.Server, "here", False)
    heard: list[object] = []

    def listen(*said: object) -> AuthResult:
        heard.append(said)
        return AuthResult(success=True)

    server = Server()
    with smtp(server, authenticator=listen, auth_require_tls=False) as where, pytest.raises(MailFailed):
        await by(f"smtp://tess:secret@{where}").send(MAIL)
    assert (heard, server.arrived) == ([], [])


async def test_without_a_server_mails_are_files(tmp_path: Path) -> None:
    settings, _ = read_settings({"FIRSTLINE_DATA_DIR": str(tmp_path)}, tmp_path / ".env")
    await mailer(settings).send(MAIL)
    [file] = (tmp_path / "mail").iterdir()
    assert message_from_bytes(file.read_bytes())["Subject"] == MAIL.subject
    assert (tmp_path / "mail").stat().st_mode & 0o077 == 0


def test_what_a_customer_wrote_is_text_in_the_html_too() -> None:
    text, html = lay_out(
        "s", ["<b>bold</b>"], [("Subject", "<script>")], ("Open", "https://x.example/?a=1&b=2"), "w", "nl"
    )
    assert "<b>bold</b>" in text
    assert "<b>bold</b>" not in html
    assert "<script>" not in html
    assert 'href="https://x.example/?a=1&amp;b=2"' in html
    assert '<html lang="nl">' in html


def test_an_invitation_is_a_mail_with_the_link_and_a_key_that_does_not_tell_it() -> None:
    mail = notices.invitation("tom@example.org", "Tess", "https://desk.example/invited/s3cret", "2 March, 10:00", "nl")
    assert "https://desk.example/invited/s3cret" in mail.text
    assert "s3cret" not in mail.key
    assert mail.subject == "Je account bij de servicedesk"


# The whole way: from the handover to the mailbox.


def technician(database: Database, name: str, language: str | None = None) -> Technician:
    with database.transaction() as tx:
        made = technician_store.create(tx, f"{name.lower()}@example.org", name, Role.AGENT, "-", False, clock.now())
        own = tables.technicians
        tx.connection.execute(own.update().where(own.c.id == made.id).values(language=language))
        # Whatever the hour and day of the test.
        tx.connection.execute(tables.opening_hours.delete())
        week = [{"team": "servicedesk", "weekday": day, "opens": 0, "closes": 1440} for day in range(7)]
        tx.connection.execute(tables.opening_hours.insert(), week)
        tx.connection.execute(tables.teams.update().values(holidays=None))
        return made


async def hand_over(app: Product, who: str = "alice") -> int:
    from channels.contract import Incoming

    accepted = await app.log.accept(
        Incoming("web", who, f"m-{who}", "my printer is on fire", clock.now(), name="Alice")
    )

    def work(tx: Any) -> None:
        question = answering.claim(tx, "w", clock.now(), timedelta(seconds=15))
        assert isinstance(question, Question)
        answering.give_up(tx, question, Reason.ENGINE_DOWN, clock.now(), "down")

    await app.database.write(work)
    return accepted.conversation


@asynccontextmanager
async def sending(app: Product, where: str, name: str = "w") -> AsyncIterator[None]:
    quick = BackOff(first=timedelta(milliseconds=10), longest=timedelta(milliseconds=10), attempts=4)
    mailing = Mailing(
        app.database,
        by(f"smtp://{where}"),
        clock.now,
        name=name,
        console="https://desk.example/desk",
        back_off=quick,
        poll=0.01,
    )
    working = asyncio.create_task(mailing.worker.run())
    try:
        yield
    finally:
        working.cancel()
        await asyncio.wait({working})


async def states(app: Product) -> list[tuple[str, str | None]]:
    own = tables.notices.c
    rows = await app.database.read(
        lambda tx: tx.connection.execute(select(own.state, own.error).order_by(own.id)).all()
    )
    return [(row.state, row.error) for row in rows]


async def test_a_handover_is_mailed_in_the_technicians_language_with_a_link(start: Start) -> None:
    server = Server("451 later")
    async with start(Part.LISTEN) as app:
        technician(app.database, "Tess", "nl")
        conversation = await hand_over(app)
        # Two processes send; the mail goes out once.
        with smtp(server) as where:
            async with sending(app, where, "one"), sending(app, where, "two"):

                async def done() -> bool:
                    return await states(app) == [("done", None)]

                assert await eventually(done)
    [mail] = server.arrived
    assert mail["Subject"] == "FL-1001: Alice wacht op Servicedesk"
    text = mail.get_body(("plain",))
    assert text is not None
    assert f"https://desk.example/desk/conversations/{conversation}" in text.get_content()


async def test_a_mail_that_nobody_needs_any_longer_is_not_sent(start: Start) -> None:
    server = Server()
    async with start(Part.LISTEN) as app:
        tess, tom = technician(app.database, "Tess"), technician(app.database, "Tom")
        await hand_over(app)

        def tell_again(tx: Any) -> None:
            tx.connection.execute(tables.alerts.update().values(next_at=clock.now()))
            alerts.tell_due(tx, clock.now())

        await app.database.write(tell_again)
        seen = await hand_over(app, "bob")
        await app.database.write(lambda tx: alerts.settle(tx, seen, clock.now(), tom.id))
        with smtp(server) as where:
            async with sending(app, where):

                async def done() -> bool:
                    return [state for state, _ in await states(app)] == ["done"] * 6

                assert await eventually(done)
    assert sorted(mail["To"] for mail in server.arrived) == [tess.email, tom.email]
    assert all("FL-1001" in mail["Subject"] for mail in server.arrived)


async def test_a_mail_that_is_refused_for_good_is_kept_with_the_reason(start: Start) -> None:
    async with start(Part.LISTEN) as app:
        technician(app.database, "Tess")
        await hand_over(app)
        with smtp(Server("550 no such user")) as where:
            async with sending(app, where):

                async def done() -> bool:
                    return (await states(app))[0][0] == "failed"

                assert await eventually(done)
        assert "no such user" in str((await states(app))[0][1])


async def test_housekeeping_tells_again_closes_old_tickets_and_forgets_logins(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    async with start(Part.LISTEN) as app:
        tess = technician(app.database, "Tess")
        await hand_over(app)
        now = clock.now()
        expired = now + timedelta(minutes=1)
        await app.database.write(lambda tx: technician_store.add_login(tx, "h", tess.id, now, expired))
        later = Housekeeping(app.database, lambda: now + timedelta(minutes=3))
        await asyncio.gather(later.once(), Housekeeping(app.database, lambda: now + timedelta(minutes=3)).once())
        assert len(await states(app)) == 2
        logins = await app.database.read(lambda tx: tx.connection.execute(select(tables.logins)).all())
        assert logins == []
    assert "housekeeping" not in caplog.text
