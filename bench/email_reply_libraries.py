"""What libraries make of mails, for `python -m bench.email_replies --libraries`, which runs it with them installed.

Reads a JSON array of texts; prints one JSON object: by library, what it takes for the reply in each, and the seconds.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator

_LANGUAGES = ["en", "nl", "de", "fr", "es", "it", "da", "sv", "pl", "cs", "ja", "ko", "zh"]


def libraries() -> Iterator[tuple[str, Callable[[str], str]]]:
    """Each library's name, and its way to find the reply."""
    import quotequail
    from email_reply_parser import EmailReplyParser as Zapier
    from mailparser_reply import EmailReplyParser

    parser = EmailReplyParser(languages=_LANGUAGES)
    yield "mail-parser-reply", lambda text: parser.parse_reply(text=text) or ""
    yield "email-reply-parser", lambda text: str(Zapier.parse_reply(text))
    yield "quotequail", lambda text: "\n".join(piece for shown, piece in quotequail.quote(text) if shown)


def main() -> None:
    """Run all of them on what stands on standard input."""
    texts: list[str] = json.load(sys.stdin)
    found = {}
    for name, reply in libraries():
        started = time.process_time()
        replies = [reply(text) for text in texts]
        found[name] = {"replies": replies, "seconds": round(time.process_time() - started, 3)}
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
