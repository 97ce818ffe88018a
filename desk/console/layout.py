"""A mail as its sender laid it out, with the pictures that came with it. Pure."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable

from channels.files import IMAGES
from desk.store.attachments import Stored

MOST_PICTURES = 10_000_000
"""Bytes of pictures that are shown in one mail, each as often as it stands there; the others are files only."""
# What is kept of a mail's HTML has no < and > but those of its elements.
_PICTURE = re.compile(r'(<img\b[^<>]*) data-attachment="([0-9]{1,4})"')
# Wide pictures fit the frame.
_BEGINNING = '<!doctype html><meta charset="utf-8"><style>img{max-width:100%;height:auto}</style>'


def places(html: str) -> set[int]:
    """Which of the mail's files are pictures in `html`, by their place among them, from 0."""
    return {int(number) for _, number in _PICTURE.findall(html)}


def document(html: str, file: Callable[[int], Stored | None]) -> str:
    """`html`, made safe before, as a document that holds its pictures itself: nothing has to be loaded for it.

    file: the mail's file at this place among them. Only what browsers show in place is shown.
    """
    left = MOST_PICTURES

    def source(found: re.Match[str]) -> str:
        nonlocal left
        stored = file(int(found[2]))
        if stored is None or stored.attachment.type not in IMAGES or len(stored.content) > left:
            return found[1]
        left -= len(stored.content)
        return f'{found[1]} src="data:{stored.attachment.type};base64,{b64encode(stored.content).decode()}"'

    return _BEGINNING + _PICTURE.sub(source, html)
