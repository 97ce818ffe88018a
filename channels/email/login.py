"""How we prove to a mail server who we are: by a password, or by an OAuth2 access token that something keeps fresh."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

AUTH, TOKEN_FILE, TOKEN_COMMAND = OPTIONS = ("auth", "token_file", "token_command")
"""The options of a server's address that say how to log in."""

_COMMAND_SECONDS = 30.0


class NoTokenError(Exception):
    """There is no access token to be had; the message says why."""


@dataclass(frozen=True, slots=True)
class Login:
    """A user with a secret: `password`, which is the access token when `oauth` is set and nothing else gives one.

    token_file: holds the access token; read at every login, so that whatever renews it only has to replace the file.
    token_command: a program that prints the access token when it is called with the user's name.
    """

    user: str
    password: str = field(default="", repr=False)
    oauth: bool = False
    token_file: Path | None = None
    token_command: Path | None = None

    def token(self) -> str:
        """The access token as it is now. Takes as long as the command does.

        Raises:
            NoTokenError: the file or the command gives none.
        """
        if self.token_command is not None:
            return _one_word(_printed(self.token_command, self.user), self.token_command)
        if self.token_file is not None:
            try:
                return _one_word(self.token_file.read_text("utf-8"), self.token_file)
            except (OSError, UnicodeDecodeError) as error:
                raise NoTokenError(f"{self.token_file}: {error}") from error
        return self.password


def login(user: str, password: str, options: Mapping[str, str]) -> Login:
    """The login that a server's address describes.

    Raises:
        ValueError: in words for whoever wrote the address.
    """
    auth = options.get(AUTH, "password")
    if auth not in {"password", "xoauth2"}:
        raise ValueError("auth= is neither password nor xoauth2")
    oauth = auth == "xoauth2"
    file, command = options.get(TOKEN_FILE), options.get(TOKEN_COMMAND)
    if (file or command) and not oauth:
        raise ValueError("token_file and token_command need auth=xoauth2")
    if not user:
        raise ValueError("it has no user")
    if not (password or file or command):
        raise ValueError("it has no password" if not oauth else "it has no token, token_file or token_command")
    return Login(user, password, oauth, Path(file) if file else None, Path(command) if command else None)


def _printed(command: Path, user: str) -> str:
    try:
        done = subprocess.run(
            [command, user],
            capture_output=True,
            text=True,
            check=True,
            timeout=_COMMAND_SECONDS,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.CalledProcessError as error:
        last = (error.stderr.strip().splitlines() or [""])[-1]
        raise NoTokenError(f"{command}: exit code {error.returncode} {last}".rstrip()) from error
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError) as error:
        raise NoTokenError(f"{command}: {error}") from error
    return done.stdout


def _one_word(given: str, source: Path) -> str:
    words = given.split()
    if len(words) != 1:
        raise NoTokenError(f"{source}: gives no access token")
    return words[0]
