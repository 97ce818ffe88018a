"""One IMAP server for all tests of this folder; each test has mailboxes of its own."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from tests.channels.email.dovecot import BINARY, Dovecot, dovecot

_BOXES = count(1)


@pytest.fixture(scope="session")
def imap_server() -> Iterator[Dovecot]:
    """Dovecot, able to do all it can."""
    if BINARY is None:
        pytest.skip("Dovecot (package dovecot-imapd) is not installed")
    with dovecot() as server:
        yield server


@pytest.fixture
def box() -> str:
    """A user with a mailbox that no other test has."""
    return f"box{next(_BOXES)}@example.org"
