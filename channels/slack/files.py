"""Fetching a file that a customer shared."""

from __future__ import annotations

from urllib.parse import urlsplit

import aiohttp

from channels.contract import Rejected
from channels.files import announced, read

_SECONDS = 25.0
_HOSTS = (".slack.com", ".slack-files.com", ".slack-gov.com")
_HTML = "text/html"


class NotFetched(Exception):
    """The file could not be fetched; the text says why, for the log."""


class TooLarge(NotFetched):
    """It is larger than it may be."""


async def fetch(url: str, token: str, *, limit: int, type: str, api_url: str) -> bytes:  # noqa: A002
    """The content of the file at `url`.

    token: of the bot; it is shown to Slack only. limit: bytes. type: what Slack says the file is.

    Raises:
        NotFetched: it is not to be had.
    """
    if not _is_slacks(url, api_url):
        raise NotFetched("it is not at Slack")
    headers = {"Authorization": f"Bearer {token}"}
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_SECONDS)) as session,
            session.get(url, headers=headers) as answer,
        ):
            if answer.status != 200:
                raise NotFetched(f"HTTP {answer.status}")
            if answer.content_type == _HTML and not type.startswith(_HTML):
                # Slack shows its page to log in, and says 200, when the scope files:read is missing.
                raise NotFetched("Slack asks to log in")
            announced(answer.headers.get("Content-Length"), limit)
            return await read(answer.content.iter_chunked(64 * 1024), limit)
    except Rejected as error:
        raise TooLarge(f"more than {limit} bytes") from error
    except (aiohttp.ClientError, TimeoutError) as error:
        raise NotFetched(repr(error)) from error


def _is_slacks(url: str, api_url: str) -> bool:
    parts, api = urlsplit(url), urlsplit(api_url)
    if (parts.scheme, parts.netloc) == (api.scheme, api.netloc):
        return True
    return parts.scheme == "https" and f".{(parts.hostname or '').lower()}".endswith(_HOSTS)
