"""A password that a customer types is nowhere afterwards: no table, no tracker and no log has it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from websockets.sync.client import connect

from bot.procedures.secrets import MARK
from tests.channels.web.customer import Customer
from tests.product_process import ProductProcess, running_product

pytestmark = [pytest.mark.slow, pytest.mark.rasa]

TOLD = "That looks like a password or a code"
SAID = (
    ("hello Walburga, my password is {}", "Zomer2024!"),
    ("I cannot log in, my username is jan and my password is {}", "Kiekeboe77"),
    ("password:\n{}", "blauwpaard"),
    ("the sms code is {}", "739 184"),
    ("my pin is {} and that is not the problem", "48215973"),
)


@contextmanager
def _customer(product: ProductProcess) -> Iterator[Customer]:
    address = product.url.replace("http", "ws", 1) + "/channels/web/socket"
    with connect(address, max_size=None, close_timeout=0.5) as connection:
        yield Customer(connection)


def _answer(alice: Customer) -> str:
    """What the assistant says next."""
    while (message := alice.receive("message"))["author"] == "customer":
        pass
    return str(message["text"])


def _everything(folder: Path) -> dict[str, bytes]:
    """Each file of the installation but the model, and what the databases among them say."""
    files = [path for path in folder.rglob("*") if path.is_file() and "models" not in path.parts]
    found = {str(path): path.read_bytes() for path in files}
    for path in folder.glob("*.db"):
        # Besides the raw bytes, where a long text is cut at the end of a page.
        with closing(sqlite3.connect(path)) as database:
            found[f"{path} dumped"] = "\n".join(database.iterdump()).encode()
    return found


def test_typed_secrets_are_nowhere_and_the_customer_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "product"
    folder.mkdir()
    with running_product(folder) as product:
        with _customer(product) as alice:
            alice.hello()
            for text, secret in SAID:
                alice.say(text.format(secret))
                assert alice.receive("message")["text"] == text.format(MARK)
                assert TOLD in _answer(alice)
            alice.say("can I please talk to a real person?")
            while "FL-" not in _answer(alice):
                pass
        printed = product.text
    stored = {"what was printed": printed.encode(), **_everything(folder)}
    left = [(where, secret) for where, content in stored.items() for _, secret in SAID if secret.encode() in content]
    assert left == []
    # The messages themselves are there, so there was something to find.
    for name in ("firstline.db dumped", "tracker.db dumped"):
        (content,) = (content for where, content in stored.items() if where.endswith(name))
        assert b"Walburga" in content
