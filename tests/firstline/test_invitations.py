"""How a customer goes on elsewhere, from what the channels that are on offer."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from channels.contract import Capabilities, Way
from desk.model import join_code
from firstline.invitations import Invitations
from firstline.product import Product

NOW = datetime(2030, 1, 1, tzinfo=UTC)
SECRET = b"a secret that only tests know"


class Pipe:
    """A channel that invites, or cannot just now, or whose network does not answer."""

    def __init__(self, kind: str, *, fetches: bool = False, able: bool = True, silent: bool = False) -> None:
        self.kind = kind
        self.capabilities = Capabilities(fetches=fetches)
        self._able = able
        self._silent = silent

    async def invitation(self, code: str) -> Way | None:
        if self._silent:
            await asyncio.Event().wait()
        return Way(self.kind, f"https://{self.kind}.example/{code}") if self._able else None


class Letterbox:
    """A channel that nobody is invited to."""

    kind = "email"
    capabilities = Capabilities(letters=True)


async def kinds(invitations: Invitations, here: str) -> list[str]:
    return [way.channel for way in (await invitations.to(17, here, NOW)).ways]


async def test_the_code_is_good_for_the_conversation_for_an_hour() -> None:
    found = await Invitations([Pipe("telegram")], SECRET).to(17, "web", NOW)
    assert found.ways == (Way("telegram", f"https://telegram.example/{found.code}"),)
    assert join_code.conversation_of(found.code, NOW, SECRET) == 17
    assert join_code.conversation_of(found.code, NOW + join_code.ASKED_FOR, SECRET) is None


async def test_the_channel_one_is_on_is_offered_only_where_another_device_is_elsewhere() -> None:
    invitations = Invitations([Pipe("web", fetches=True), Pipe("telegram"), Letterbox()], SECRET)
    assert await kinds(invitations, "web") == ["web", "telegram"]
    assert await kinds(invitations, "telegram") == ["web"]


async def test_a_channel_that_cannot_just_now_or_does_not_answer_takes_nothing_from_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("firstline.invitations._PATIENCE", 0.01)
    channels = [Pipe("one", able=False), Pipe("other", silent=True), Pipe("web", fetches=True)]
    assert await kinds(Invitations(channels, SECRET), "web") == ["web"]


async def test_where_there_is_no_conversation_there_is_no_way_to_it(app: Product) -> None:
    assert await app.log.elsewhere("web", "nobody") is None
