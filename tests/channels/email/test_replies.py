"""The sender's own new words in mails as clients of many kinds and languages write them."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import yaml

from channels.email.replies import split

MAILS = yaml.safe_load(Path(__file__).with_name("replies.yml").read_text(encoding="utf-8"))
NEW = "It still does not print.\n\nThe light is red, and nothing else happens."
QUOTED = "Hello Alice,\n\nDoes the printer work now?\n\nKind regards,\nTess"


def marked(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


@pytest.mark.parametrize("introduction", MAILS["attributions"].values(), ids=MAILS["attributions"])
@pytest.mark.parametrize("quoted", [QUOTED, marked(QUOTED)], ids=["plain", "marked"])
def test_a_quoted_mail_is_not_the_senders_words(introduction: str, quoted: str) -> None:
    found = split(f"{NEW}\n\n{introduction}\n\n{quoted}\n")
    assert found.new == NEW
    assert "Does the printer work now?" in found.rest


@pytest.mark.parametrize("introduction", MAILS["attributions"].values(), ids=MAILS["attributions"])
def test_a_quoted_mail_may_follow_without_an_empty_line(introduction: str) -> None:
    assert split(f"{NEW}\n{introduction}\n{QUOTED}\n").new == NEW


@pytest.mark.parametrize("signature", MAILS["signatures"].values(), ids=MAILS["signatures"])
def test_a_signature_is_not_the_senders_words(signature: str) -> None:
    found = split(f"{NEW}\n\n{signature}\n")
    assert (found.new, found.rest) == (NEW, signature.strip())


@pytest.mark.parametrize("signature", MAILS["signatures"].values(), ids=MAILS["signatures"])
def test_a_signature_may_stand_above_a_quote(signature: str) -> None:
    assert split(f"{NEW}\n\n{signature}\n\nOn 03/06/2024 09:12, Tess wrote:\n{marked(QUOTED)}\n").new == NEW


@pytest.mark.parametrize("below", ["Alice", "A. Jansen", "Alice Jansen\nFinance\n+44 20 7946 0000"])
def test_the_senders_own_name_ends_what_they_say(below: str) -> None:
    assert split(f"{NEW}\n\n{below}\n", "Jansen, Alice").new == NEW
    assert split(f"{NEW}\n\n{below}\n", "Bob").new == f"{NEW}\n\n{below}"
    assert split(f"{NEW}\n\n{below}\n\nIs that all right?", "Alice Jansen").new.endswith("Is that all right?")


@pytest.mark.parametrize("text", MAILS["untouched"])
def test_what_only_looks_like_a_client_s_words_stays(text: str) -> None:
    found = split(text, "Alice Jansen")
    assert (found.new, found.rest, found.stripped) == (text, "", False)


@pytest.mark.parametrize("mail", MAILS["mails"], ids=[mail["name"] for mail in MAILS["mails"]])
def test_a_mail_says_what_is_new_in_it(mail: dict[str, str]) -> None:
    assert split(mail["text"]).new == mail["new"].strip()


@pytest.mark.parametrize("mail", MAILS["mails"], ids=[mail["name"] for mail in MAILS["mails"]])
def test_every_word_is_kept(mail: dict[str, str]) -> None:
    found = split(mail["text"])
    assert sorted((found.new + "\n" + found.rest).split()) == sorted(mail["text"].split())
    assert found.stripped == bool(found.rest)


HOSTILE = {
    "many quoted lines": "> x\n",
    "one long mark": ">",
    "many beginnings": "On ",
    "many beginnings of lines": "On 3 May 2024:\n",
    "many verbs": "wrote:\n",
    "many headers": "From: x@y.example\n",
    "many signatures": "Kind regards,\nBob\n",
    "many dashes": "--\n",
    "empty lines": "\n",
    "many rules": "____ \n\n",
    "addresses without end": "a@",
    "broken addresses": "x@<\n>:\n",
    "accents": "é",
}


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
def test_a_megabyte_of_anything_is_read_in_time(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    started = time.process_time()
    found = split(text)
    assert time.process_time() - started < 5
    assert len(found.new) + len(found.rest) >= len(text.strip()) - 10
