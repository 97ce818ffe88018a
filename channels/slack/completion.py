"""What a message lacks before the desk can have it: who wrote it, and the contents of its files."""

from __future__ import annotations

import asyncio
import logging
import re
from dataclasses import replace
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from channels.contract import MAX_FILES, Edit, File, Incoming
from channels.slack import files, parse
from channels.slack.app import SlackApp
from channels.slack.events import Profile, Said, SharedFile
from channels.slack.people import People
from channels.slack.replies import Replies
from channels.slack.workspaces import NotInstalled
from channels.texts import Texts

log = logging.getLogger(__name__)

_FETCHING = 4
_MENTION = re.compile(r"(?<!\w)@([UW][A-Z0-9]{1,20})\b")
_NAMED = 5
"""So many people who are mentioned in a message are asked for."""


class Completion:
    """Implements `intake.Completing`.

    max_file: bytes in one file.
    """

    def __init__(self, app: SlackApp, people: People, replies: Replies, texts: Texts, *, max_file: int) -> None:
        self._app = app
        self._people = people
        self._texts = texts
        self._max_file = max_file
        self.settled = replies.settled
        # Contents are in memory until they are stored: a few large ones at a time.
        self._fetching = asyncio.Semaphore(_FETCHING)

    def lacks(self, found: Said | Edit) -> bool:
        """Files have to be fetched; and who somebody is, when they may be new to the desk, or are mentioned."""
        workspace = _workspace(found)
        if any(self._people.known(workspace, user) is None for user in _mentioned(found.text)):
            return True
        if isinstance(found, Edit):
            return False
        return bool(found.files) or (found.press is None and self._people.known(workspace, found.user) is None)

    async def named(self, edit: Edit) -> Edit:
        """With the names of who is mentioned in it."""
        return edit if edit.text is None else replace(edit, text=await self._with_names(edit.text, _workspace(edit)))

    async def complete(self, said: Said) -> Incoming:
        """With what Slack says of its author and of who is mentioned, and with its files; a file that cannot be had is
        named instead."""
        lacks = self.lacks(said)
        said = replace(said, text=await self._with_names(said.text, said.workspace))
        known = self._people.known(said.workspace, said.user)
        if not lacks:
            return said.incoming(known or Profile())
        profile = await self._people.of(said.workspace, said.user)
        room = MAX_FILES - said.is_long
        fetched, notes = [], []
        for number, shared in enumerate(said.files):
            try:
                if shared.elsewhere:
                    notes.append(self._note("elsewhere", profile, shared))
                elif number >= room:
                    notes.append(self._note("too_many", profile, shared))
                else:
                    fetched.append(await self._fetch(said.workspace, shared))
            except files.TooLarge:
                notes.append(self._note("too_large", profile, shared))
            except files.NotFetched as error:
                log.warning("a file of %s was not fetched: %s", said.address, error)
                notes.append(self._note("not_fetched", profile, shared))
        return said.incoming(profile, tuple(fetched), tuple(notes))

    async def _with_names(self, text: str, workspace: str) -> str:
        names = {user: (await self._people.of(workspace, user)).name for user in _mentioned(text)}
        return _MENTION.sub(lambda found: f"@{names.get(found[1]) or found[1]}", text)

    async def _fetch(self, workspace: str, shared: SharedFile) -> File:
        if shared.size is not None and shared.size > self._max_file:
            raise files.TooLarge(f"{shared.size} bytes")
        try:
            client = await self._app.client_of(workspace)
            url = shared.url or await _whereabouts(client, shared)
        except (SlackApiError, NotInstalled, aiohttp.ClientError, TimeoutError) as error:
            raise files.NotFetched(repr(error)) from error
        token, api_url = client.token or "", self._app.api_url
        async with self._fetching:
            content = await files.fetch(url, token, limit=self._max_file, type=shared.type, api_url=api_url)
        return File(shared.name, shared.type, content)

    def _note(self, key: str, profile: Profile, shared: SharedFile) -> str:
        limit = MAX_FILES if key == "too_many" else self._max_file // 1_000_000
        values = {"name": shared.name, "limit": limit, "link": shared.elsewhere}
        return self._texts.say(f"notes.{key}", profile.language, **values)


def _workspace(found: Said | Edit) -> str:
    return found.address.partition(":")[0]


def _mentioned(text: str | None) -> list[str]:
    """The ids of who is mentioned, the first few."""
    return list(dict.fromkeys(_MENTION.findall(text or "")))[:_NAMED]


async def _whereabouts(client: AsyncWebClient, shared: SharedFile) -> str:
    """In channels shared with another organisation, events do not say where a file is."""
    if not shared.id:
        raise files.NotFetched("Slack does not show it to us")
    answer: Any = await client.files_info(file=shared.id)
    return parse.file(answer["file"]).url
