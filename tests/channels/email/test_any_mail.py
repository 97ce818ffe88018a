"""No mail can keep the next one out: any bytes are read, or kept as they are."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench import email as bench
from bench.email_data import REAL, mails
from tests.channels.email.mails import mail, multipart, nested, part, read, winmail
from tests.channels.email.test_invitations import OUTLOOK
from tests.channels.email.test_smime import INNER, opaque, signed
from tests.channels.email.test_tnef import BODY, CODEPAGE, NOTES

OURS = [
    mail("Één café", "Content-Type: text/plain; charset=utf-8; format=flowed", subject="=?utf-8?B?Q2Fmw6k=?="),
    multipart(
        "alternative", part("text/plain", "Hi"), part("text/html", '<p>Hi <a href="https://a">x</a></p><ol><li>y')
    ),
    multipart("mixed", nested("related", part("text/html", "<b>Hi")), part("text/calendar", OUTLOOK)),
    multipart("mixed", part("message/rfc822", mail()), part("application/ms-tnef", winmail(CODEPAGE, BODY, *NOTES))),
    opaque(signed(INNER)),
]
NO_HEADER = "it has no header"
damages = st.lists(
    st.tuples(st.integers(0), st.sampled_from(["flip", "cut", "insert", "end"]), st.binary(max_size=8)), max_size=8
)


def damaged(raw: bytes, damage: list[tuple[int, str, bytes]]) -> bytes:
    for number, kind, noise in damage:
        position = number % (len(raw) + 1)
        match kind:
            case "flip" if position < len(raw):
                raw = raw[:position] + bytes([raw[position] ^ 1 << number % 8]) + raw[position + 1 :]
            case "cut":
                raw = raw[:position] + raw[position + len(noise) * 20 :]
            case "insert":
                raw = raw[:position] + noise + raw[position:]
            case "end":
                raw = raw[:position]
    return raw


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=500))
def test_any_bytes_are_kept(raw: bytes) -> None:
    incoming = read(raw)
    assert incoming.letter is not None
    assert incoming.letter.source == raw
    assert incoming.letter.unreadable in {None, NO_HEADER}


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(OURS), damages)
def test_damaged_mails_are_read(raw: bytes, damage: list[tuple[int, str, bytes]]) -> None:
    incoming = read(damaged(raw, damage))
    assert incoming.letter is not None
    assert incoming.letter.unreadable in {None, NO_HEADER}


real = pytest.mark.skipif(not REAL.is_dir(), reason="the real mails are not at hand")


@pytest.fixture(scope="module")
def small() -> list[bytes]:
    return [raw for _, raw in mails() if len(raw) < 20_000]


@real
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_damaged_real_mails_are_read(small: list[bytes], data: st.DataObject) -> None:
    incoming = read(damaged(small[data.draw(st.integers(0, len(small) - 1))], data.draw(damages)))
    assert incoming.letter is not None
    assert incoming.letter.unreadable in {None, NO_HEADER}


@real
@pytest.mark.slow
def test_real_mails_are_read_as_well_as_is_promised() -> None:
    missed = [(m.name, m.share, m.wrong) for m in bench.measured() if not m.reached]
    assert missed == []
