"""What Slack's events, buttons and commands can mean to us. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from channels.contract import MAX_TEXT, Command, Edit, File, Incoming, Language, Press
from channels.inspection import Ignored, RemoteFile

KIND = "slack"

_NOTES = 1_000
"""Characters that are left for notes about files."""


@dataclass(frozen=True, slots=True)
class SharedFile(RemoteFile):
    """A file that came with a message."""

    url: str = ""
    """Where it is; empty: that has to be asked for by its id, or it is not to be had (then it has no id either)."""
    elsewhere: str = ""
    """Where people find it, when it is at somebody else's, such as Google Drive: Slack holds no more than the link."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What Slack says about somebody."""

    name: str | None = None
    language: Language | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """Somebody said, chose or ordered something. With their profile and the files' contents it is an `Incoming`."""

    workspace: str
    """Where the app is installed: a workspace (``T…``), or a whole organisation (``E…``)."""
    user: str
    channel: str
    """Where it was said (``D…``, ``C…``, ``G…``); empty: nowhere, as with a command or a button of the Home tab."""
    external_id: str
    text: str
    received_at: datetime
    thread: str = ""
    files: tuple[SharedFile, ...] = ()
    press: Press | None = None
    command: Command | None = None
    follows: bool = False
    """It stands in a channel's thread and does not mention the bot: for us if its author did so there before."""

    @property
    def address(self) -> str:
        """The customer, as the desk knows them. Ids of users are unique where the app is installed."""
        return f"{self.workspace}:{self.user}"

    @property
    def is_long(self) -> bool:
        """Slack takes five times as much text as the desk does. All of it goes along, as a file."""
        return len(self.text) > MAX_TEXT - (_NOTES if self.files else 0)

    def incoming(self, profile: Profile, files: tuple[File, ...] = (), notes: tuple[str, ...] = ()) -> Incoming:
        """As the desk takes it.

        notes: what the desk is told beside the customer's words, such as a file that was too large.

        Raises:
            Rejected: it holds what is not text, or nothing.
        """
        text, attached = self.text, files
        notes_text = "\n".join(notes)[: _NOTES - 3]
        if self.is_long:
            attached = (*files, File("message.txt", "text/plain", text.encode("utf-8", "replace")))
            text = text[: MAX_TEXT - len(notes_text) - 3] + "…"
        return Incoming(
            channel=KIND,
            address=self.address,
            external_id=self.external_id,
            text="\n\n".join(part for part in (text, notes_text) if part),
            received_at=self.received_at,
            thread=self.thread,
            language=profile.language,
            name=profile.name,
            attachments=attached,
            press=self.press,
            command=self.command,
        )


@dataclass(frozen=True, slots=True)
class HomeOpened:
    """Somebody looks at the app's Home tab, or (`home` false) at its messages."""

    workspace: str
    user: str
    home: bool
    app: str
    team: str


@dataclass(frozen=True, slots=True)
class ThreadStarted:
    """Somebody opened a thread with the assistant, and has said nothing yet."""

    workspace: str
    user: str
    channel: str
    thread_ts: str


@dataclass(frozen=True, slots=True)
class Removed:
    """The app has lost its token in these workspaces or organisations."""

    workspaces: tuple[str, ...]


Event = Said | Edit | HomeOpened | ThreadStarted | Removed | Ignored
