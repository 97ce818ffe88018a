"""Customers' mail that comes through a list of our own, as groups at Google and Microsoft and Mailman are."""

from __future__ import annotations

import pytest

from channels.letter import Automatic, Person
from tests.channels.email.mails import letter, mail, read

GOOGLE = (
    "Sender: support@example.com",
    "List-ID: <support.example.com>",
    "List-Post: <https://groups.google.com/a/example.com/group/support/post>, <mailto:support@example.com>",
    "List-Unsubscribe: <mailto:googlegroups-manage+12+unsubscribe@googlegroups.com>",
    "Mailing-list: list support@example.com; contact support+owners@example.com",
    "X-BeenThere: support@example.com",
    "Return-Path: <support+bncBCX@example.com>",
    "Precedence: list",
)
MAILMAN = (
    "List-Id: Our help desk <support.example.com>",
    "List-Unsubscribe: <https://example.com/lists>, <mailto:support-request@example.com?subject=unsubscribe>",
    "Sender: support-bounces@example.com",
    "Errors-To: support-bounces@example.com",
    "Precedence: list",
)
MICROSOFT = (
    "List-Unsubscribe: <https://outlook.office365.com/owa/support@example.com/groupsubscription.ashx>",
    "Sender: Support <support@example.com>",
)
OTHER = ("List-Id: <users.elsewhere.example>", "List-Post: <mailto:users@elsewhere.example>", "Precedence: list")


@pytest.mark.parametrize("fields", [GOOGLE, MAILMAN, MICROSOFT], ids=["Google", "Mailman", "Microsoft"])
def test_mail_through_a_list_of_our_own_is_a_person_s(fields: tuple[str, ...]) -> None:
    found = letter(read(mail("My printer jams.", *fields)))
    assert (found.automatic, found.from_own_address) == (None, False)
    assert found.sender == Person("alice@example.org", "Alice Jansen")


@pytest.mark.parametrize(
    "fields",
    [
        ("List-Id: <support.example.com>",),
        ("List-Post: <mailto:support@example.com>", "Precedence: list"),
        ("List-Help: <mailto:support-request@example.com>",),
        ("X-BeenThere: helpdesk@example.com", "X-Mailman-Version: 2.1"),
        ("List-Archive: <https://lists.example.com/>", "Return-Path: <support-bounces@example.com>"),
    ],
)
def test_each_field_that_names_our_address_is_enough(fields: tuple[str, ...]) -> None:
    assert letter(read(mail("My printer jams.", *fields))).automatic is None


@pytest.mark.parametrize(
    "fields",
    [
        OTHER,
        # One list's mail, passed on to ours.
        (*OTHER, "Sender: support@example.com", "Return-Path: <support-bounces@example.com>"),
        ("List-Unsubscribe: <mailto:stop@shop.example>", *GOOGLE),
        ("List-Unsubscribe: <mailto:stop+support=example.com@shop.example>",),
        (*GOOGLE, "X-Campaign: spring"),
    ],
)
def test_mail_of_another_list_is_a_machine_s_also_through_ours(fields: tuple[str, ...]) -> None:
    assert letter(read(mail("News!", *fields))).automatic is Automatic.MAILING_LIST


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        ("Auto-Submitted: auto-replied", Automatic.AUTO_REPLY),
        ("Auto-Submitted: auto-generated", Automatic.AUTO_GENERATED),
        ("X-Auto-Response-Suppress: All", Automatic.AUTO_GENERATED),
        ("X-Autoreply: yes", Automatic.AUTO_REPLY),
    ],
)
def test_a_machine_that_writes_to_our_list_is_one(field: str, kind: Automatic) -> None:
    assert letter(read(mail("Away.", field, *GOOGLE))).automatic is kind


def rewritten(sender: str, *fields: str) -> bytes:
    """A mail in which the list stands for its sender."""
    return mail("My printer jams.", *fields).replace(b"From: Alice Jansen <alice@example.org>", sender.encode(), 1)


@pytest.mark.parametrize(
    "fields",
    [
        (*GOOGLE, "X-Original-From: Alice Jansen <alice@example.org>", "Reply-To: Boss <boss@example.org>"),
        (*GOOGLE, "X-Original-Sender: alice@example.org", "Reply-To: Boss <boss@example.org>"),
        (*MAILMAN, "Reply-To: Alice Jansen <alice@example.org>"),
        (*MAILMAN, "Reply-To: support@example.com", "Cc: Alice Jansen <alice@example.org>"),
    ],
)
def test_whoever_a_list_of_ours_stands_for_is_the_sender(fields: tuple[str, ...]) -> None:
    found = letter(read(rewritten("From: \"'Alice Jansen' via Support\" <support@example.com>", *fields)))
    assert (found.sender, found.from_own_address) == (Person("alice@example.org", "Alice Jansen"), False)


def test_a_list_that_wants_answers_for_itself_gets_none_of_ours() -> None:
    assert letter(read(mail("My printer jams.", "Reply-To: support@example.com", *MAILMAN))).reply_to is None


def test_for_whom_a_list_stands_no_relay_vouches() -> None:
    checked = "Authentication-Results: mx.example.com; dmarc=pass; spf=pass; dkim=pass"
    fields = (checked, *GOOGLE, "X-Original-From: Alice <alice@example.org>")
    raw = rewritten("From: \"'Alice' via Support\" <support@example.com>", *fields)
    found = letter(read(raw, trusted=frozenset({"mx.example.com"}))).authentication
    assert found is not None
    assert (found.by, found.spf, found.dkim, found.dmarc) == ("mx.example.com", "", "", "")


def test_what_we_write_to_our_own_list_stays_ours() -> None:
    assert letter(read(rewritten("From: Support <support@example.com>", *GOOGLE))).from_own_address
    # Without a list, a name that looks like one is nothing.
    by_name = rewritten("From: Alice via Support <support@example.com>", "Cc: alice@example.org")
    assert letter(read(by_name)).from_own_address
