"""winmail.dat: its words and its files."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.email import tnef
from tests.channels.email.mails import letter, mail, multipart, part, properties, read, winmail

HTML = "<p>Hé Alice</p>"
CODEPAGE = (1, 0x9007, struct.pack("<II", 1252, 0))
BODY = (
    1,
    0x9003,
    struct.pack("<I", 2) + struct.pack("<HHI", 0x03, 0x3FDE, 65001) + properties((0x102, 0x1013, HTML.encode()))[4:],
)
NOTES = (
    (2, 0x9002, b"\0" * 14),
    (2, 0x8010, "notitie.txt\0".encode("cp1252")),
    (2, 0x800F, b"remember"),
    (
        2,
        0x9005,
        properties((0x1F, 0x3707, "belangrijke notitie é.txt\0".encode("utf-16-le")), (0x1E, 0x370E, b"text/plain\0")),
    ),
)
# "{\rtf1\ansi ...}", not compressed: the size, the raw size, the mark for that, no checksum.
RTF = rb"{\rtf1\ansi Hello {\b there}\par caf\'e9}"
RTF_BODY = (1, 0x9003, properties((0x102, 0x1009, struct.pack("<IIII", len(RTF) + 12, len(RTF), 0x414C454D, 0) + RTF)))


def test_text_and_files_are_found() -> None:
    found = tnef.read(winmail(CODEPAGE, BODY, *NOTES))
    assert found.html == HTML
    assert [(file.name, file.type, file.content) for file in found.files] == [
        ("belangrijke notitie é.txt", "text/plain", b"remember")
    ]


def test_a_body_in_rich_text_reads_as_text() -> None:
    assert tnef.read(winmail(CODEPAGE, RTF_BODY)).text.split() == ["Hello", "there", "café"]


def test_a_mail_within_it_is_unpacked() -> None:
    inner = winmail(CODEPAGE, (1, 0x800C, b"inner words\0"), *NOTES)
    attached = (2, 0x9005, properties((0x1E, 0x3707, b"old mail\0"), (0x0D, 0x3701, b"\0" * 16 + inner)))
    found = tnef.read(winmail((2, 0x9002, b"\0" * 14), attached))
    assert [(file.name, file.content) for file in found.files] == [
        ("old mail.txt", b"inner words"),
        ("belangrijke notitie é.txt", b"remember"),
    ]


def test_of_a_damaged_one_what_is_before_the_damage_is_read() -> None:
    whole = winmail(CODEPAGE, BODY, *NOTES)
    assert tnef.read(whole[:-30]).html == HTML
    with pytest.raises(tnef.NoWinmail):
        tnef.read(b"something else")


@given(st.binary(max_size=200), st.integers(0, 300))
def test_any_bytes_do_no_harm(noise: bytes, position: int) -> None:
    whole = winmail(CODEPAGE, BODY, RTF_BODY, *NOTES)
    tnef.read(whole[:6] + noise)
    tnef.read(whole[: 6 + position] + noise + whole[6 + position :])


def test_a_mail_of_outlooks_reads_like_any_other() -> None:
    packed = part(
        "application/ms-tnef", winmail(CODEPAGE, BODY, *NOTES), "Content-Disposition: attachment; filename=winmail.dat"
    )
    incoming = read(multipart("mixed", part("text/plain", ""), packed))
    assert incoming.text == "Hé Alice"
    assert letter(incoming).html == HTML
    assert [file.name for file in incoming.attachments] == ["belangrijke notitie é.txt"]


def test_what_is_only_called_winmail_is_a_file() -> None:
    incoming = read(mail("no winmail", "Content-Type: application/ms-tnef; name=winmail.dat"))
    assert [(file.name, file.content) for file in incoming.attachments] == [("winmail.dat", b"no winmail")]
