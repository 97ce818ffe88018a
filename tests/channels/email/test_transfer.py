"""Transfer encodings as they are, whatever they are said to be."""

from __future__ import annotations

import base64

import pytest

from tests.channels.email.mails import letter, mail, read

TEXT = "Één printer, drie storingen: café."


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("base64", base64.encodebytes(TEXT.encode())),
        ("BASE64 (yes)", base64.b64encode(TEXT.encode())),
        ("base64", base64.encodebytes(TEXT.encode()).rstrip(b"=\n")),
        ("base64", base64.encodebytes(TEXT.encode()).replace(b"\n", b"!\r\n")),
        ("base64; charset=utf-8", base64.encodebytes(TEXT.encode())),
        # It only says that it is.
        ("base64", TEXT.encode()),
        ("quoted-printable ", "Één printer, drie=20storingen: café.".encode()),
        ("Quoted-Printable", b"=C3=89=C3=A9n printer, drie=\r\n storingen: caf=c3=a9."),
        ("quoted-printable", TEXT.encode()),
        ("8-bit", TEXT.encode()),
        ("7bit", TEXT.encode()),
        ("utf-8", TEXT.encode()),
        ("", TEXT.encode()),
    ],
)
def test_texts_are_decoded(encoding: str, body: bytes) -> None:
    raw = mail(body, "Content-Type: text/plain; charset=utf-8", f"Content-Transfer-Encoding: {encoding}")
    assert letter(read(raw)).full_text == TEXT


def test_what_is_appended_to_base64_is_not_taken_for_it() -> None:
    body = base64.encodebytes(TEXT.encode()) + b"\r\n-- \r\nThis list is run by example.org\r\n"
    raw = mail(body, "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64")
    assert letter(read(raw)).full_text == TEXT


@pytest.mark.parametrize("encoding", ["x-uuencode", "uuencode", "x-uue"])
def test_uuencoded_parts_are_decoded(encoding: str) -> None:
    raw = mail(
        "begin 644 cat.txt\n#0V%T\n`\nend\n", "Content-Type: text/plain", f"Content-Transfer-Encoding: {encoding}"
    )
    assert letter(read(raw)).full_text == "Cat"


def test_base64_that_is_not_said_to_be_is_noticed() -> None:
    content = bytes(range(256))
    raw = mail(base64.encodebytes(content), "Content-Type: application/pdf; name=a.pdf")
    assert read(raw).attachments[0].content == content
