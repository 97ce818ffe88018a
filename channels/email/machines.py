"""How programs that write mail give themselves away: ``machines.yml``, read once and made into patterns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import translate
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from channels.email.markers import any_of, fold


@dataclass(frozen=True, slots=True)
class Machines:
    """Patterns for folded text."""

    headers: Mapping[str, Mapping[str, tuple[str, ...]]]
    """By kind of machine and name of the field: what one of its values has in it."""
    daemon: re.Pattern[str]
    """The first part of a mail system's address, without dots and dashes."""
    perhaps_daemon: re.Pattern[str]
    daemon_name: re.Pattern[str]
    greeting: re.Pattern[str]
    """How people begin."""
    bounce_subject: re.Pattern[str]
    bounce_text: re.Pattern[str]
    auto_reply_subject: re.Pattern[str]
    absence: re.Pattern[str]
    original: re.Pattern[str]
    """Of a line, below which the mail stands that came back."""
    still_trying: re.Pattern[str]
    given_up: re.Pattern[str]
    no_such_address: re.Pattern[str]
    address_exists: re.Pattern[str]


@cache
def machines() -> Machines:
    """As ``machines.yml`` has them."""
    data: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("machines.yml").read_text(encoding="utf-8"))
    return Machines(
        headers={
            kind: {name: tuple(fold(value) for value in values) for name, values in names.items()}
            for kind, names in data["headers"].items()
        },
        daemon=_one_of(data["daemons"]["sure"]),
        perhaps_daemon=_one_of(data["daemons"]["likely"]),
        daemon_name=_words(data["daemons"]["names"]),
        greeting=re.compile(rf"(?:{any_of(data['greeting'])})(?!\w)"),
        bounce_subject=_begins(data["bounce_subject"]),
        bounce_text=_words(data["bounce_text"]),
        auto_reply_subject=_begins(_all(data["auto_reply_subject"])),
        absence=_words(_all(data["absence"])),
        original=_begins(data["original"]),
        still_trying=_words(data["still_trying"]),
        given_up=_words(data["given_up"]),
        no_such_address=_words(data["no_such_address"]),
        address_exists=_words(data["address_exists"]),
    )


def _all(by_language: Mapping[str, list[str]]) -> list[str]:
    return [phrase for phrases in by_language.values() for phrase in phrases]


def _one_of(globs: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(translate(one) for one in globs))


def _begins(phrases: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"(?:{any_of(phrases)})")


def _words(phrases: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{any_of(phrases)})")
