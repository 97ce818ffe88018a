"""The addresses of servers and mailboxes, as administrators write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from channels.email.addresses import Listen, Mailbox, Server, Tls, listen, mailboxes, own, smtp_server
from channels.email.login import Login
from channels.email.people import is_own
from firstline.settings import SettingsError, read_settings


def test_a_mailbox_in_short() -> None:
    assert mailboxes("imaps://support%40example.org:pa%20ss@imap.example.org") == (
        Mailbox(
            Server("imap.example.org", 993, Tls.FROM_THE_START, Login("support@example.org", "pa ss")),
            "support@example.org",
        ),
    )


def test_a_mailbox_with_everything_said() -> None:
    [mailbox] = mailboxes(
        "imap://tess:x@127.0.0.1:1143/Help%20desk?address=Help+desk@example.org&name=Help%20desk&move=Done&rejected=Odd"
    )
    assert mailbox == Mailbox(
        Server("127.0.0.1", 1143, Tls.BY_COMMAND, Login("tess", "x")),
        "help+desk@example.org",
        name="Help desk",
        folder="Help desk",
        move="Done",
        rejected="Odd",
    )
    assert mailbox.server.here


def test_several_mailboxes_and_a_token_from_a_file() -> None:
    first, second = mailboxes(
        "imaps://a%40example.org:x@h.example \n imaps://b%40example.org@h.example?auth=xoauth2&token_file=/run/token"
    )
    assert (first.address, second.address) == ("a@example.org", "b@example.org")
    assert second.server.login == Login("b@example.org", "", oauth=True, token_file=Path("/run/token"))


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("pop3://u:p@h", "begin with imap:// or imaps://"),
        ("imaps://h.example", "no user"),
        ("imaps://u@example.org:p@h", "not written %40"),
        ("imaps://u:p@h", "add ?address="),
        ("imaps://u%40x:p@h:port", "port is no number"),
        ("imaps://u%40x@h", "no password"),
        ("imaps://u%40x@h?auth=xoauth2", "no token"),
        ("imaps://u%40x:p@h?auth=ntlm", "neither password nor xoauth2"),
        ("imaps://u%40x:p@h?token_file=/x", "need auth=xoauth2"),
        ("imaps://u%40x:p@h?adress=a@b", "none of auth,"),
        ("imaps://u%40x:p@h?move=", "empty"),
        ("imaps://u%40x:p@h imaps://u%40x:p@h", "twice"),
    ],
)
def test_what_is_wrong_is_said_without_the_secret(url: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({"FIRSTLINE_DATA_DIR": str(tmp_path), "FIRSTLINE_MAILBOXES": url}, tmp_path / ".env")
    [problem] = caught.value.problems
    assert why in problem
    assert url not in problem


def test_a_secret_is_not_shown_when_a_mailbox_is() -> None:
    assert "hunter2" not in repr(mailboxes("imaps://u%40x:hunter2@h"))


def test_where_mail_goes_out() -> None:
    assert smtp_server("smtp://relay.example") == Server("relay.example", 587, Tls.BY_COMMAND)
    assert smtp_server("smtps://u:p@relay.example") == Server("relay.example", 465, Tls.FROM_THE_START, Login("u", "p"))
    oauth = smtp_server("smtp://u@relay.example?auth=xoauth2&token_command=/opt/token").login
    assert oauth == Login("u", "", oauth=True, token_command=Path("/opt/token"))


def test_where_mail_is_handed_over() -> None:
    assert listen("lmtp://127.0.0.1:2424") == Listen("127.0.0.1", 2424, lmtp=True)
    assert listen("smtp://[::1]:25") == Listen("::1", 25, lmtp=False)
    for wrong in ("lmtp://127.0.0.1", "http://x:1", "lmtp://u@x:1", "lmtp://x:1/y"):
        with pytest.raises(ValueError):
            listen(wrong)


def test_what_plus_addressing_adds_leaves_an_address_ours() -> None:
    ours = {"support@example.org", "a+b@example.org"}
    assert is_own("Support+anything@EXAMPLE.org", ours)
    assert is_own("a+b@example.org", ours)
    assert not is_own("a@example.org", ours)
    assert not is_own("support@example.net", ours)


def test_ours_is_where_mail_is_read_where_it_is_taken_and_what_we_write_from() -> None:
    boxes = mailboxes("imaps://help%40example.org:secret@imap.example.org")
    found = own(boxes, ["IT@example.org"], "Desk@example.org")
    assert found == {"help@example.org", "it@example.org", "desk@example.org"}
