"""What we know again, and what nobody else can make."""

from __future__ import annotations

import pytest

from channels.email.signing import (
    conversation_of_address,
    conversation_of_header,
    conversation_of_message_id,
    message_id,
    reply_address,
    token,
)

SECRET = b"a secret for tests"


def test_a_message_id_leads_back_to_its_conversation_and_is_the_same_each_time() -> None:
    ours = message_id(42, 7, "example.org", SECRET)
    assert ours == message_id(42, 7, "example.org", SECRET)
    assert conversation_of_message_id(ours, SECRET) == 42
    assert conversation_of_message_id(f"<{ours}>", SECRET) == 42


def test_an_answer_address_leads_back_to_its_conversation() -> None:
    ours = reply_address("support@example.org", 42, SECRET)
    assert ours.startswith("support+c42.")
    assert ours.endswith("@example.org")
    assert conversation_of_address(ours, SECRET) == 42


def test_mail_programs_may_change_the_case_of_both() -> None:
    assert conversation_of_address(reply_address("support@example.org", 42, SECRET).upper(), SECRET) == 42
    assert conversation_of_message_id(message_id(42, 7, "example.org", SECRET).upper(), SECRET) == 42


def test_our_header_says_that_a_mail_is_ours() -> None:
    assert conversation_of_header(f" {token(42, 7, SECRET)} ", SECRET) == 42
    assert conversation_of_header(token(42, 7, b"another secret, not ours"), SECRET) is None


@pytest.mark.parametrize(
    "address", ["support@example.org", "support+news@example.org", "c42.@x", "", "@", "+@", "a+c1.2"]
)
def test_other_peoples_addresses_are_nobodys(address: str) -> None:
    assert conversation_of_address(address, SECRET) is None


@pytest.mark.parametrize("given", ["", "<>", "CAF12@mail.gmail.com", "c42.7.aaaaaaaaaaaaaaaa@example.org"])
def test_other_peoples_message_ids_are_nobodys(given: str) -> None:
    assert conversation_of_message_id(given, SECRET) is None


def test_a_signature_fits_one_conversation_and_one_use_only() -> None:
    of_message = message_id(42, 7, "example.org", SECRET).partition("@")[0]
    assert conversation_of_message_id(of_message.replace("c42.", "c43.") + "@example.org", SECRET) is None
    assert conversation_of_message_id(of_message.replace("c42.", "c042.") + "@example.org", SECRET) is None
    assert conversation_of_address(f"support+{of_message}@example.org", SECRET) is None
    assert conversation_of_message_id(f"{token(42, None, SECRET)}@example.org", SECRET) is None
    assert conversation_of_address(reply_address("support@example.org", 42, SECRET), b"another secret") is None


def test_a_mailbox_with_a_long_name_is_answered_to_itself() -> None:
    long = "the-service-desk-of-the-whole-organisation-and-more@example.org"
    assert reply_address(long, 42, SECRET) == long
