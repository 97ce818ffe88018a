"""Mail that is fetched, from a real IMAP server."""

from __future__ import annotations

import asyncio
import resource
import stat
from datetime import datetime
from pathlib import Path

import pytest

from channels.contract import Accepted, Incoming, Rejected, RejectReason
from channels.email.imap import DONE, REJECTED
from channels.email.intake import Intake
from tests.channels.email.dovecot import Dovecot, dovecot, needs_dovecot, token
from tests.channels.email.reading import mail, reading, reading_of
from tests.channels.memory_log import MemoryLog
from tests.waiting import eventually

pytestmark = needs_dovecot

HANDLED = (DONE, "\\Seen")


class Desk(MemoryLog):
    """A desk that remembers the texts, and can be slow or difficult about some of them."""

    def __init__(self) -> None:
        super().__init__()
        self.may_commit = asyncio.Event()
        self.may_commit.set()
        self.asked = 0
        self.difficult: dict[str, Exception] = {}

    async def accept(self, incoming: Incoming) -> Accepted:
        self.asked += 1
        await self.may_commit.wait()
        for word, error in self.difficult.items():
            if word in incoming.text:
                raise error
        return await super().accept(incoming)

    @property
    def texts(self) -> list[str]:
        """What was accepted, in order."""
        return [incoming.text for incoming in self.received]

    async def has(self, *texts: str) -> None:
        """Wait until `texts`, and nothing else, have been accepted."""

        async def same() -> bool:
            return sorted(self.texts) == sorted(texts)

        await eventually(same)


async def flagged(server: Dovecot, box: str, *expected: tuple[str, ...], folder: str = "INBOX") -> None:
    """Wait until the mails in `folder` are marked like this."""

    async def same() -> bool:
        return await asyncio.to_thread(server.flags, box, folder) == list(expected)

    await eventually(same)


async def test_what_waits_and_what_arrives_is_taken_and_then_marked(
    imap_server: Dovecot, box: str, tmp_path: Path
) -> None:
    desk = Desk()
    imap_server.append(box, mail("first", number=1))
    async with reading(imap_server, box, desk, tmp_path):
        await desk.has("first")
        imap_server.append(box, mail("second", number=2))
        await desk.has("first", "second")
        await flagged(imap_server, box, HANDLED, HANDLED)
    [first, _] = desk.received
    assert first.letter is not None
    assert (first.channel, first.address, first.letter.mailbox, first.letter.subject) == (
        "email",
        "alice@example.com",
        box,
        "Printer 1",
    )
    assert first.letter.source == mail("first", number=1)


async def test_a_mail_is_not_marked_before_it_is_committed(imap_server: Dovecot, box: str, tmp_path: Path) -> None:
    desk = Desk()
    desk.may_commit.clear()
    imap_server.append(box, mail("first"))
    async with reading(imap_server, box, desk, tmp_path):

        async def asked() -> int:
            return desk.asked

        await eventually(asked)
        assert imap_server.flags(box) == [()]
        desk.may_commit.set()
        await flagged(imap_server, box, HANDLED)


async def test_a_person_who_reads_a_mail_first_hides_nothing(imap_server: Dovecot, box: str, tmp_path: Path) -> None:
    desk = Desk()
    imap_server.append(box, mail("waits"))
    async with reading(imap_server, box, desk, tmp_path):
        await desk.has("waits")
    imap_server.append(box, mail("read by a colleague", number=2), flags=("\\Seen",))
    async with reading(imap_server, box, desk, tmp_path):
        await desk.has("waits", "read by a colleague")


async def test_what_had_been_read_before_we_came_is_left_alone(imap_server: Dovecot, box: str, tmp_path: Path) -> None:
    desk = Desk()
    imap_server.append(box, mail("of last year", number=1), flags=("\\Seen",))
    imap_server.append(box, mail("still unread", number=2))
    async with reading(imap_server, box, desk, tmp_path):
        await desk.has("still unread")
        await flagged(imap_server, box, ("\\Seen",), HANDLED)


async def test_what_was_handled_is_not_fetched_again(imap_server: Dovecot, box: str, tmp_path: Path) -> None:
    desk = Desk()
    imap_server.append(box, mail("first"))
    async with reading(imap_server, box, desk, tmp_path):
        await flagged(imap_server, box, HANDLED)
    async with reading(imap_server, box, desk, tmp_path):
        imap_server.append(box, mail("second", number=2))
        await desk.has("first", "second")
    assert desk.asked == 2


async def test_a_server_that_can_tell_is_not_asked_again_and_again(
    imap_server: Dovecot, box: str, tmp_path: Path
) -> None:
    desk = Desk()
    async with reading(imap_server, box, desk, tmp_path, poll=600):

        async def idles() -> bool:
            return "IDLE" in await asyncio.to_thread(_states_of, imap_server, box)

        await eventually(idles)
        imap_server.append(box, mail("told"))
        await desk.has("told")


def _states_of(server: Dovecot, box: str) -> str:
    """What the processes of `box` show to be doing."""
    titles = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            title = path.read_bytes().decode(errors="replace")
        except OSError:
            continue
        if "imap" in title and box in title:
            titles.append(title)
    return " ".join(titles)


async def test_a_server_that_cannot_tell_is_asked(box: str, tmp_path: Path) -> None:
    with dovecot("IMAP4rev1 SASL-IR AUTH=PLAIN") as server:
        desk = Desk()
        async with reading(server, box, desk, tmp_path, "?move=Done"):
            server.append(box, mail("first"))
            await desk.has("first")
            # It has neither MOVE nor UIDPLUS: the mail is copied, and waits for whoever empties the inbox.
            await flagged(server, box, (DONE, "\\Deleted", "\\Seen"))
            assert server.flags(box, "Done") == [HANDLED]


async def test_handled_mail_is_moved_where_the_mailbox_says_so(imap_server: Dovecot, box: str, tmp_path: Path) -> None:
    desk = Desk()
    imap_server.append(box, mail("first"))
    async with reading(imap_server, box, desk, tmp_path, "?move=Done"):
        await desk.has("first")
        await flagged(imap_server, box)
        assert imap_server.flags(box, "Done") == [HANDLED]


async def test_where_mails_keep_no_keywords_moving_hides_nothing_either(box: str, tmp_path: Path) -> None:
    with dovecot(keywords=False) as server:
        desk = Desk()
        async with reading(server, box, desk, tmp_path, "?move=Done"):
            server.append(box, mail("unread", number=1))
            await desk.has("unread")
            server.append(box, mail("read", number=2), flags=("\\Seen",))
            await desk.has("unread", "read")
        async with reading(server, "field@example.org", desk, tmp_path):
            server.append("field@example.org", mail("to be kept", number=3))
            await desk.has("unread", "read", "to be kept")
            await flagged(server, "field@example.org", ("\\Seen",))


async def test_a_mail_that_the_desk_rejects_is_shown_to_people_and_the_next_is_taken(
    imap_server: Dovecot, box: str, tmp_path: Path
) -> None:
    desk = Desk()
    desk.difficult["no"] = Rejected(RejectReason.BINARY)
    imap_server.append(box, mail("no", number=1), mail("yes", number=2))
    async with reading(imap_server, box, desk, tmp_path):
        await desk.has("yes")
        await flagged(imap_server, box, (DONE, REJECTED, "\\Flagged", "\\Seen"), HANDLED)
    assert desk.asked == 2


async def test_rejected_mail_may_have_a_folder_of_its_own(imap_server: Dovecot, box: str, tmp_path: Path) -> None:
    desk = Desk()
    desk.difficult["no"] = Rejected(RejectReason.BINARY)
    imap_server.append(box, mail("no"))
    async with reading(imap_server, box, desk, tmp_path, "?rejected=Odd"):
        await flagged(imap_server, box)
        assert imap_server.flags(box, "Odd") == [(DONE, REJECTED, "\\Flagged", "\\Seen")]


async def test_a_desk_that_is_down_gets_everything_when_it_is_back(
    imap_server: Dovecot, box: str, tmp_path: Path
) -> None:
    desk = Desk()
    desk.accepting_fails = OSError("the disk is full")
    imap_server.append(box, *(mail(f"mail {number}", number=number) for number in range(6)))
    async with reading(imap_server, box, desk, tmp_path):

        async def tried() -> bool:
            return desk.asked > 6

        await eventually(tried)
        assert imap_server.flags(box) == [()] * 6
        desk.accepting_fails = None
        await desk.has(*(f"mail {number}" for number in range(6)))


async def test_a_mail_that_the_desk_cannot_take_does_not_block_the_others_and_is_kept_as_it_is(
    imap_server: Dovecot, box: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("channels.email.reading._AGAIN", 0.01)
    desk = Desk()
    desk.difficult["poison"] = RuntimeError("a bug of ours")
    poison = mail("poison", number=1)
    imap_server.append(box, poison, *(mail(f"mail {number}", number=number) for number in (2, 3)))
    async with reading(imap_server, box, desk, tmp_path, poll=0.05):
        await desk.has("mail 2", "mail 3", "")
        await flagged(imap_server, box, HANDLED, HANDLED, HANDLED)
    kept = desk.received[-1]
    assert kept.letter is not None
    assert (kept.letter.source, kept.address) == (poison, "alice@example.com")
    assert kept.letter.unreadable


async def test_what_cannot_be_read_is_handed_in_as_it_is(imap_server: Dovecot, box: str, tmp_path: Path) -> None:
    desk = Desk()
    imap_server.append(box, b"\xff\xfe\x00 no mail at all")
    imap_server.append(box, mail("fine"))
    async with reading(imap_server, box, desk, tmp_path):
        await flagged(imap_server, box, HANDLED, HANDLED)
    assert "fine" in desk.texts
    assert len(desk.texts) == 2


async def test_of_a_huge_mail_the_beginning_is_taken(imap_server: Dovecot, box: str, tmp_path: Path) -> None:
    desk = Desk()
    imap_server.append(box, mail("x" * 200_000, number=1), mail("small", number=2))
    async with reading(imap_server, box, desk, tmp_path, max_mail=50_000):
        await flagged(imap_server, box, HANDLED, HANDLED)
    [huge, _] = desk.received
    assert huge.letter is not None
    assert len(huge.letter.source) == 50_000


async def test_a_refused_login_is_told_and_ends_when_the_password_is_right(
    imap_server: Dovecot, box: str, tmp_path: Path
) -> None:
    desk = Desk()
    imap_server.append(box, mail("first"))
    async with reading(imap_server, box, desk, tmp_path, password="wrong"):
        await _told(desk, f"{box}: login refused")
    async with reading(imap_server, box, desk, tmp_path):
        await desk.has("first")


async def _told(desk: Desk, beginning: str) -> None:
    async def told() -> bool:
        return any(trouble.startswith(beginning) for trouble in desk.troubles)

    await eventually(told)


async def test_a_server_that_was_away_is_read_again(box: str, tmp_path: Path) -> None:
    with dovecot() as server:
        desk = Desk()
        async with reading(server, box, desk, tmp_path):
            server.append(box, mail("before", number=1))
            await desk.has("before")
            server.stop()
            await _told(desk, f"{box}: ")
            server.start()
            server.append(box, mail("after", number=2))
            await desk.has("before", "after")


@pytest.mark.parametrize("tls", [True, False])
async def test_the_connection_is_encrypted_and_the_server_must_be_who_it_says(
    imap_server: Dovecot, box: str, tmp_path: Path, *, tls: bool
) -> None:
    desk = Desk()
    imap_server.append(box, mail("first"))
    async with reading(imap_server, box, desk, tmp_path, tls=tls):
        await desk.has("first")

    async def logged() -> bool:
        # The server writes its log by a process of its own: it may be late.
        return any(f"user=<{box}>" in line and "TLS" in line for line in imap_server.log().splitlines())

    await eventually(logged)
    async with reading(imap_server, box, desk, tmp_path, tls=tls, trust=False):
        await _told(desk, f"{box}: SSLCertVerificationError")


async def test_an_access_token_is_read_anew_at_each_login(imap_server: Dovecot, box: str, tmp_path: Path) -> None:
    desk, file = Desk(), tmp_path / "token"
    imap_server.append(box, mail("first"))
    file.write_text("expired")
    options = f"?auth=xoauth2&token_file={file}"
    async with reading(imap_server, box, desk, tmp_path / "states", options, password=""):
        await _told(desk, f"{box}: login refused")
        file.write_text(f"{token(box)}\n")
        await desk.has("first")


async def test_an_access_token_may_come_from_a_command(imap_server: Dovecot, box: str, tmp_path: Path) -> None:
    desk, command = Desk(), tmp_path / "token"
    imap_server.append(box, mail("by command", number=2))
    options = f"?auth=xoauth2&token_command={command}"
    async with reading(imap_server, box, desk, tmp_path / "states", options, password=""):
        await _told(desk, f"{box}: NoTokenError: {command}")
        command.write_text(f'#!/bin/sh\n[ "$1" = {box} ] && echo {token(box)}\n')
        command.chmod(command.stat().st_mode | stat.S_IXUSR)
        await desk.has("by command")


class Counter(Intake):
    """Keeps nothing but the size of what it gets, and reads none of it."""

    def __init__(self) -> None:
        super().__init__(MemoryLog(), reading_of("support@example.org"))
        self.got: list[tuple[str, int]] = []

    async def hand_in(self, raw: bytes, mailbox: str, received_at: datetime | None = None) -> Accepted:
        subject = raw.partition(b"Subject: ")[2].partition(b"\r\n")[0]
        self.got.append((subject.decode(), len(raw)))
        return Accepted(1, len(self.got), duplicate=False)


@pytest.mark.slow
async def test_ten_thousand_mails_are_worked_through_without_being_held(
    imap_server: Dovecot, box: str, tmp_path: Path
) -> None:
    counter, total = Counter(), 10_000
    imap_server.fill(box, (mail("x" * 3_000, number=number) for number in range(total)))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    async with reading(imap_server, box, counter, tmp_path):

        async def all_there() -> bool:
            return len(counter.got) >= total

        await eventually(all_there, 120)
    assert len(set(counter.got)) == len(counter.got) == total
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown < 15, f"{grown:.0f} MB more for 32 MB of mail"
