"""Where the app is installed: workspaces, or whole organisations, and the token of each. Knows no SDK."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field

from channels.keeping import Keep

KIND = "workspace"


@dataclass(frozen=True, slots=True)
class Workspace:
    """One installation of the app."""

    id: str
    """The workspace's id (``T…``), or the organisation's (``E…``) when the app was installed for all of it."""
    token: str = field(repr=False)
    """The bot's."""
    bot_user: str
    """The bot as people see it: whom they mention and write to (``U…``)."""
    bot: str = ""
    """The bot as a sender of messages (``B…``)."""
    name: str = ""
    app: str = ""
    """The app's id (``A…``)."""
    scopes: tuple[str, ...] = ()
    refresh_token: str | None = field(default=None, repr=False)
    expires_at: int | None = None
    """Unix time at which the token ends; None: never."""


class NotInstalled(Exception):
    """The app is not, or no longer, installed in workspace `id`: nobody there can be written to."""

    def __init__(self, id: str) -> None:  # noqa: A002  what Slack calls it
        super().__init__(id)
        self.id = id


class Workspaces:
    """The workspaces that installed the app by OAuth, and the one whose token is in the settings.

    own: asks Slack whose the configured token is; None: there is none. A failure is the caller's, and is asked again.
    """

    renew: Callable[[Workspace], Awaitable[Workspace | None]] | None = None
    """Has a token that ends soon renewed; None when it does not. Set by whoever knows the app's secret."""

    def __init__(self, keep: Keep | None, own: Callable[[], Awaitable[Workspace]] | None) -> None:
        self._keep = keep
        self._ask = own
        self._own: Workspace | None = None

    async def find(self, *ids: str | None) -> Workspace:
        """The first of `ids` where the app is installed.

        Raises:
            NotInstalled: in none of them.
        """
        wanted = [one for one in ids if one]
        for one in wanted:
            if self._keep is not None and (kept := await self._keep.get(KIND, one)) is not None:
                return await self._fresh(_read(kept))
        if (own := await self.own()) is not None and (self._keep is None or own.id in wanted):
            return own
        raise NotInstalled(wanted[0] if wanted else "")

    async def _fresh(self, workspace: Workspace) -> Workspace:
        if workspace.expires_at is None or self.renew is None:
            return workspace
        renewed = await self.renew(workspace)
        if renewed is None:
            return workspace
        await self.save(renewed)
        return renewed

    async def own(self) -> Workspace | None:
        """The one whose token is in the settings, if there is one."""
        if self._own is None and self._ask is not None:
            self._own = await self._ask()
        return self._own

    async def save(self, workspace: Workspace) -> None:
        """The app was installed there, or its token was renewed."""
        if self._keep is not None:
            await self._keep.put(KIND, workspace.id, json.dumps(asdict(workspace)))

    async def remove(self, *ids: str | None) -> None:
        """The app was removed there."""
        for one in ids:
            if one and self._keep is not None:
                await self._keep.take(KIND, one)
        if self._own is not None and self._own.id in ids:
            self._own = None  # asked anew, Slack says whether the token is still good


def _read(kept: str) -> Workspace:
    values = json.loads(kept)
    return Workspace(**{**values, "scopes": tuple(values["scopes"])})
