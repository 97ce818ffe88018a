"""What the desk sends for one turn, checked and brought into the form the assistant works with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.letters import Letters
from bot.procedures.state import State
from bot.procedures.style import STYLES

LANGUAGES = ("en", "nl")
MAX_TEXT = 20_000
_IDENTIFIER = re.compile(r"[A-Za-z0-9._:-]{1,255}")
_CHOICE = re.compile(r"(answer(:[\w.-]{1,80}){3}|start:[\w-]{1,80}|command:[a-z_]{1,40})")
# Rasa executes typed "/restart" or "/intent{…}" from any channel, also after white space.
_COMMAND_PREFIX = re.compile(r"^[\s/]+")


class BadTurn(ValueError):
    """The request is not a turn; the message says which field is wrong and what is allowed."""


@dataclass(frozen=True)
class Turn:
    """One message of a customer. `text` never commands Rasa; `choice` is the payload of a pressed button or None."""

    conversation: str
    message_id: str
    text: str
    choice: str | None
    language: str | None
    channel: str
    summary: str | None
    """What happened while a technician had the conversation; None when the assistant had it all the time."""
    procedure_state: State | None
    """Where the technician left the procedures, with `summary`."""
    style: str = "chat"
    """One of `bot.procedures.style.STYLES`: how the customer reads the answer."""
    files: int = 0
    """How many came with the text."""

    @property
    def metadata(self) -> dict[str, Any]:
        """What rides on Rasa's UserUttered for policy, texts and actions."""
        return {
            "message_id": self.message_id,
            "choice": self.choice,
            "channel": self.channel,
            "language": self.language,
            "style": self.style,
            "files": self.files,
            "context": None if self.summary is None else {"summary": self.summary},
        }


def read_turn(body: object) -> Turn:
    """Check a decoded JSON body. Raises BadTurn."""
    if not isinstance(body, Mapping):
        raise BadTurn("the body must be a JSON object")
    text = body.get("text", "")
    if not isinstance(text, str) or len(text) > MAX_TEXT:
        raise BadTurn(f"text must be a string of at most {MAX_TEXT} characters")
    choice = body.get("choice")
    if choice is not None and not isinstance(choice, str):
        raise BadTurn("choice must be null or the payload of a button")
    if choice is not None and text.strip() and not _CHOICE.fullmatch(choice):
        # Not a button of ours: a customer's program made it up. What stood on it is read as if it had been typed.
        choice = None
    if not text.strip() and choice is None:
        raise BadTurn("text or choice must say something")
    summary, procedure_state = _context(body.get("context"))
    return Turn(
        conversation=_identifier(body, "conversation"),
        message_id=_identifier(body, "message_id"),
        text=_COMMAND_PREFIX.sub("", _matter(text, body.get("style"))).rstrip(),
        choice=choice,
        language=_language(body.get("language")),
        channel=_identifier(body, "channel"),
        summary=summary,
        procedure_state=procedure_state,
        files=_files(body.get("files", 0)),
        style=_style(body.get("style", "chat")),
    )


def _identifier(body: Mapping[str, Any], field: str) -> str:
    value = body.get(field)
    if not isinstance(value, str) or not _IDENTIFIER.fullmatch(value):
        raise BadTurn(f"{field} must be a string of 1 to 255 letters, digits or . _ : -")
    return value


def _language(value: object) -> str | None:
    if value is None or (isinstance(value, str) and value in LANGUAGES):
        return value
    raise BadTurn(f"language must be null or one of {', '.join(LANGUAGES)}")


def _matter(text: str, style: object) -> str:
    """Of a mail what stands between the address and the farewell."""
    return Letters.read().body(text) if style == "letter" else text


def _style(value: object) -> str:
    if isinstance(value, str) and value in STYLES:
        return value
    raise BadTurn(f"style must be one of {', '.join(STYLES)}")


def _files(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise BadTurn("files must be how many files came with the text")


def _context(value: object) -> tuple[str | None, State | None]:
    """The summary and the state of the procedures that a conversation comes back with."""
    if value is None:
        return None, None
    if not isinstance(value, Mapping) or not isinstance(value.get("summary"), str):
        raise BadTurn('context must be null or {"summary": "…", "procedure_state": null or a state}')
    kept = value.get("procedure_state")
    if kept is None:
        return value["summary"], None
    try:
        return value["summary"], State.from_json(kept)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadTurn(
            "context.procedure_state must be null or what an earlier answer had as procedure_state"
        ) from error
