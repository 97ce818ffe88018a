"""Who may read a conversation: whoever holds its token, and nobody else."""

from __future__ import annotations

import pytest

from channels.contract import Rejected, RejectReason
from channels.web import token

SECRET = b"a secret for tests"


def test_a_signed_token_gives_the_visitor_back() -> None:
    alice = token.new_visitor()
    assert token.verify(token.sign(alice, SECRET), SECRET) == alice


def test_every_visitor_is_another_one() -> None:
    assert len({token.new_visitor() for _ in range(100)}) == 100


@pytest.mark.parametrize(
    "forged",
    [
        "",
        ".",
        "alice",
        "alice.",
        ".signature",
        token.sign("alice", b"another secret"),
        token.sign("alice", SECRET).replace("alice", "bob"),
        token.sign("alice", SECRET) + "x",
        token.sign("", SECRET),
        "é.ü",
        "\ud800.\ud800",
    ],
)
def test_a_token_we_did_not_sign_is_unknown(forged: str) -> None:
    with pytest.raises(Rejected) as refusal:
        token.verify(forged, SECRET)
    assert refusal.value.reason is RejectReason.UNKNOWN_TOKEN
