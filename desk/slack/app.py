"""The technicians' console in Slack on a Bolt app that others use too.

Bolt gives an event to the first listener that matches: these are to be registered before those for customers, so that
nobody in a channel of the desk is taken for a customer.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.procedures.model import Catalogue
from desk import slack_accounts
from desk.brake import Brake
from desk.model.errors import Invalid
from desk.slack import parse
from desk.slack.buttons import Buttons
from desk.slack.forms import Forms
from desk.slack.surface import Fetch, Surface
from desk.slack.texts import Spoken
from desk.slack.threads import Threads
from desk.store.database import Database

COMMAND = "/firstline"
_OURS = re.compile(r"\Adesk_")


def register(
    bolt: AsyncApp,
    database: Database,
    now: Callable[[], datetime],
    catalogue: Catalogue,
    *,
    public_url: str,
    language: str,
    fetch: Fetch,
) -> None:
    """Have `bolt` give us what technicians do.

    catalogue: the diagnostic procedures. public_url: where the web console is. language: of what everybody sees.
    fetch: has the files that they add.
    """
    surface = Surface(database, now, catalogue, public_url, language, Spoken(), fetch)
    threads = Threads(surface)
    buttons, forms = Buttons(surface, threads), Forms(surface, threads)
    accounts = _Accounts(surface)

    async def ours(body: dict[str, Any]) -> bool:
        return await threads.is_ours(body)

    async def nothing() -> None:
        """A mention in a channel of the desk opens no case."""

    bolt.event("message", matchers=[ours])(threads.message)
    bolt.event("app_mention", matchers=[ours])(nothing)
    bolt.action(_OURS)(buttons.press)
    bolt.view(_OURS)(forms.submit)
    bolt.command(COMMAND)(accounts.command)


class _Accounts:
    """The command by which technicians say who they are."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface
        self._brake = Brake()

    async def command(self, ack: AsyncAck, body: dict[str, Any], client: Any) -> None:
        """``/firstline CODE``."""
        person, code = parse.command(body)
        surface, now = self._surface, self._surface.now()
        visitor = await surface.visitor(client, person)
        texts, url = visitor.texts, surface.account_url
        if not code:
            name = visitor.technician.name if visitor.technician else ""
            await ack(texts("account.known" if name else "account.help", name=name, url=url))
            return
        wait = self._brake.attempt((person.workspace, person.user), now)
        if wait is not None:
            await ack(texts("account.slow", minutes=-(-int(wait.total_seconds()) // 60)))
            return
        try:
            technician = await surface.database.write(lambda tx: slack_accounts.link(tx, person, code, now))
        except Invalid:
            minutes = int(slack_accounts.CODE_LASTS.total_seconds()) // 60
            await ack(texts("account.wrong", minutes=minutes, url=url))
            return
        self._brake.release((person.workspace, person.user))
        texts = surface.spoken(technician.language, surface.language)
        await ack(texts("account.linked", name=technician.name, url=url))
