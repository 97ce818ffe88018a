"""Mails that break rules in ways that programs really do, and what a careful reader would make of each."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest

from channels.letter import Person
from desk.model.letter import Verdict, decide
from tests.channels.email.mails import letter as letter_of
from tests.channels.email.mails import read

WORDS = "Café Zürich: naïve coördinatie kost 5 euro"


def mail(body: bytes, *fields: str) -> bytes:
    head = ("From: Alice <alice@firm.example>", "To: help@desk.example", *fields)
    return "\r\n".join(head).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body


def plain(body: bytes, charset: str, encoding: str = "8bit") -> bytes:
    return mail(body, f"Content-Type: text/plain; charset={charset}", f"Content-Transfer-Encoding: {encoding}")


ENCODED = base64.b64encode(WORDS.encode())
SPACED = b" ".join(ENCODED[i : i + 10] for i in range(0, len(ENCODED), 10))


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (plain("Café dicht".encode("cp1252"), "utf-8"), "Café dicht"),
        (plain("プリンターが動きません。".encode("iso2022_jp"), "us-ascii"), "プリンターが動きません。"),
        (mail(WORDS.encode(), "Content-Type: text/plain (plain text); charset=utf-8 (Unicode)"), WORDS),
        (plain(SPACED, "utf-8", "base64"), WORDS),
        (plain(b"Ja", "utf-8", "base64"), "Ja"),
        (plain(b"Nee dank u", "utf-8", "base64"), "Nee dank u"),
        (plain(b"een lange regel =  \r\ngaat door", "utf-8", "quoted-printable"), "een lange regel gaat door"),
        (plain("Ik\u200b kan\u2060 niet in\u00adloggen\ufeff".encode(), "utf-8"), "Ik kan niet inloggen"),
        (plain("👩\u200d💻 سلام\u200cها".encode(), "utf-8"), "👩\u200d💻 سلام\u200cها"),
        (plain(b">From Monday on it fails", "utf-8"), ">From Monday on it fails"),
    ],
    ids=[
        "windows-1252 as utf-8", "ISO-2022-JP as ASCII", "comments in the type", "base64 with spaces",
        "a word as base64", "words as base64", "spaces behind a soft break", "invisible letters", "joiners",
        "a From line of a mbox",
    ],
)  # fmt: skip
def test_the_text_of_a_mail_that_breaks_rules_is_read(raw: bytes, text: str) -> None:
    incoming = read(raw)
    assert (letter_of(incoming).full_text, incoming.text) == (text, text)


@pytest.mark.parametrize(
    ("field", "subject"),
    [
        (b"Subject: Caf\xe9 dicht", "Café dicht"),
        (b"Subject: =?utf-8?Q?Caf=C3=A9_dicht_tot_de", "Café dicht tot de"),
        ("Subject: Factuur\u202efdp.exe".encode(), "Factuurfdp.exe"),
    ],
)
def test_the_subject_of_a_mail_that_breaks_rules_is_read(field: bytes, subject: str) -> None:
    raw = field + b"\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHello"
    assert letter_of(read(raw)).subject == subject


def test_a_name_with_a_comma_outside_of_quotes_is_one_name() -> None:
    incoming = read(
        "From: Jansen, Alice <alice@firm.example>\r\nCc: Smit, Bob <bob@firm.example>, c@x.example\r\n\r\nHi"
    )
    assert (incoming.address, incoming.name) == ("alice@firm.example", "Jansen, Alice")
    assert letter_of(incoming).cc == (Person("bob@firm.example", "Smit, Bob"), Person("c@x.example"))


def test_a_mail_with_doubled_carriage_returns_is_read() -> None:
    incoming = read(mail(b"one\r\ntwo", "Subject: Printer").replace(b"\r\n", b"\r\r\n"))
    assert (letter_of(incoming).subject, incoming.text) == ("Printer", "one\ntwo")


def test_a_date_in_the_form_of_iso_8601_is_read() -> None:
    letter = letter_of(read("From: a@x.example\r\nDate: 2024-11-05T14:03:11+01:00\r\n\r\nHi"))
    assert letter.date == datetime(2024, 11, 5, 13, 3, 11, tzinfo=UTC)


def test_of_two_names_of_a_file_the_one_with_all_letters_is_taken() -> None:
    disposition = "attachment; filename=\"resume.pdf\"; filename*=UTF-8''r%C3%A9sum%C3%A9.pdf"
    raw = mail(b"x", "Content-Type: application/pdf", f"Content-Disposition: {disposition}")
    assert [file.name for file in read(raw).attachments] == ["résumé.pdf"]


def test_what_its_author_moved_to_the_right_is_no_quote() -> None:
    quote = '<blockquote style="margin: 0 0 0 40px; border: none; padding: 0px">Error 53</blockquote>'
    incoming = read(mail(f"<p>It says</p>{quote}<p>What now?</p>".encode(), "Content-Type: text/html"))
    assert incoming.text == "It says\n\nError 53\n\nWhat now?"


def test_the_armour_of_a_signed_text_is_no_part_of_it() -> None:
    body = (
        "-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA256\r\n\r\nThe printer is broken.\r\n\r\n- -- \r\nAlice\r\n"
        "-----BEGIN PGP SIGNATURE-----\r\n\r\niQEzBAEB\r\n-----END PGP SIGNATURE-----\r\n"
    )
    incoming = read(mail(body.encode()))
    assert (letter_of(incoming).full_text, incoming.text) == (
        "The printer is broken.\n\n-- \nAlice",
        "The printer is broken.",
    )


def test_what_says_that_it_is_encrypted_is_so_even_when_it_cannot_be_taken_apart() -> None:
    raw = mail(b"broken", 'Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"')
    assert letter_of(read(raw)).encrypted == "smime"


FORM = "From: Website <support@example.com>\r\nTo: support@example.com\r\n"


def test_a_form_that_sends_in_our_name_is_from_whoever_filled_it_in() -> None:
    incoming = read(f"{FORM}Reply-To: Alice <alice@firm.example>\r\n\r\nThe printer is broken.")
    assert (incoming.address, incoming.name) == ("alice@firm.example", "Alice")
    assert decide(letter_of(incoming)).verdict is Verdict.ACCEPT


def test_a_form_that_is_probably_not_ours_is_refused() -> None:
    checked = "Authentication-Results: mx.example.com; dmarc=fail"
    raw = f"{checked}\r\n{FORM}Reply-To: mallory@elsewhere.test\r\n\r\nYour password, please."
    found = read(raw, trusted=frozenset({"mx.example.com"}))
    assert decide(letter_of(found)).verdict is Verdict.REJECT


@pytest.mark.parametrize("field", ["Cc: bob@firm.example", "In-Reply-To: <1@x>", "Reply-To: helpdesk@example.com"])
def test_what_a_colleague_sends_from_our_address_is_theirs(field: str) -> None:
    others = "" if field.startswith("Reply-To") else "Reply-To: tess@home.example\r\n"
    incoming = read(f"{FORM}{field}\r\n{others}\r\nIs it on?")
    assert incoming.address == "support@example.com"
    assert decide(letter_of(incoming)).verdict is Verdict.NOTE
