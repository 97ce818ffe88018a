"""Bytes read as text, by what they are said to be and by what they are."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.email import charsets

DUTCH = "Één café, ’s avonds geopend; coördinatie € 5"
CHINESE = "您好，打印机坏了，请帮忙看一下。谢谢！"
JAPANESE = "プリンタが壊れました。助けてください。"
RUSSIAN = "Здравствуйте, принтер не печатает. Помогите, пожалуйста."
KOREAN = "프린터가 고장났습니다. 도와주세요."


@pytest.mark.parametrize(
    ("text", "codec", "named"),
    [
        (DUTCH, "utf-8", "utf-8"),
        (DUTCH, "cp1252", "windows-1252"),
        # A superset is meant by all who say so.
        (DUTCH, "cp1252", "iso-8859-1"),
        (DUTCH, "cp1252", "us-ascii"),
        (DUTCH, "utf-8", '"UTF8"; format=flowed'),
        (DUTCH, "utf-8", "x-unknown"),
        (DUTCH, "utf-16", "utf-16"),
        (CHINESE, "gb18030", "gb2312"),
        (CHINESE, "gb18030", "GBK"),
        (JAPANESE, "cp932", "x-sjis"),
        (JAPANESE, "iso2022_jp", "iso-2022-jp"),
        (KOREAN, "cp949", "ks_c_5601-1987"),
        (RUSSIAN, "cp1251", "cp-1251"),
        ("Prijs: 5 €", "utf-7", "unicode-1-1-utf-7"),
    ],
)
def test_charsets_are_known_by_all_their_names(text: str, codec: str, named: str) -> None:
    assert charsets.decode(text.encode(codec), named) == text


@pytest.mark.parametrize(
    ("text", "codec", "named"),
    [
        (DUTCH, "utf-8", "iso-8859-1"),
        (DUTCH, "utf-8", "us-ascii"),
        (DUTCH, "utf-8", "gb2312"),
        (DUTCH, "utf-8", None),
        (DUTCH, "cp1252", "utf-8"),
        (DUTCH, "cp1252", None),
        (JAPANESE, "cp932", "iso-2022-jp"),
        (JAPANESE, "iso2022_jp", None),
        (RUSSIAN, "cp1251", None),
        (CHINESE, "gb18030", None),
        (DUTCH, "cp1252", "base64"),
        (DUTCH, "utf-8", "idna"),
    ],
)
def test_a_wrong_charset_is_noticed(text: str, codec: str, named: str | None) -> None:
    assert charsets.decode(text.encode(codec), named) == text


def test_a_little_damage_leaves_the_rest_readable() -> None:
    assert charsets.decode(CHINESE.encode("gb18030") + b"\xff", "gb18030").startswith(CHINESE)
    assert charsets.decode("é à ü ".encode() + b"caf\xe9", "utf-8") == "é à ü café"


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=100), st.one_of(st.none(), st.text(max_size=20)))
def test_any_bytes_are_text_that_can_be_stored(content: bytes, named: str | None) -> None:
    text = charsets.decode(content, named)
    assert "\x00" not in text
