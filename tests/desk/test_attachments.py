"""Files that go with messages: whose they are, what they are, and when they go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from threading import Thread

import pytest
from PIL import Image
from sqlalchemy import event

from channels.contract import Attachment, File, Incoming, Receipt, Rejected, RejectReason
from channels.files import safe_name
from desk import attachments, conversations, inbox, outbox
from desk.model.errors import Invalid, NotFound
from desk.model.technician import Technician
from desk.store import messages
from desk.store.database import Database, Transaction
from desk.store.tables import attachments as attachments_table
from desk.store.tables import files
from tests.desk.conftest import WORDS, Clock

ALICE, BOB = (attachments.customer("web", who) for who in ("alice", "bob"))
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
LEASE = timedelta(seconds=15)


def image(kind: str) -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (2, 2), "teal").save(buffer, kind)
    return buffer.getvalue()


def upload(
    database: Database, clock: Clock, uploader: str = ALICE, name: str = "shot.png", content: bytes = b"PNG"
) -> Attachment:
    with database.transaction() as tx:
        return attachments.store(tx, uploader, name, "", content, clock())


def send(
    database: Database,
    clock: Clock,
    *uploads: int,
    text: str = "",
    who: str = "alice",
    external_id: str = "m1",
    brought: Sequence[File] = (),
) -> int:
    incoming = Incoming("web", who, external_id, text, clock(), uploads=uploads, attachments=tuple(brought))
    with database.transaction() as tx:
        return inbox.accept(tx, incoming, clock(), WORDS).conversation


def said(database: Database, conversation: int) -> list[tuple[str, list[str]]]:
    with database.snapshot() as tx:
        found = messages.after(tx, conversation, internal=True)
    return [(message.text, [attachment.name for attachment in message.attachments]) for message in found]


def contents(database: Database) -> int:
    with database.snapshot() as tx:
        return len(tx.connection.execute(files.select()).all())


# Whose they are


def test_an_upload_goes_with_the_message_that_refers_to_it(database: Database, clock: Clock) -> None:
    first, second = upload(database, clock), upload(database, clock, name="log.txt", content=b"no route to host")
    conversation = send(database, clock, second.id, first.id, text="See these")
    assert said(database, conversation) == [("See these", ["shot.png", "log.txt"])]
    with database.snapshot() as tx:
        found = attachments.open_for_customer(tx, second.id, "web", "alice")
    assert (found.content, found.attachment, found.conversation) == (b"no route to host", second, conversation)


def test_files_that_a_network_brings_are_stored_with_their_message(database: Database, clock: Clock) -> None:
    scan = File("scan.pdf", "application/pdf", PDF)
    conversation = send(database, clock, brought=[scan], text="Invoice")
    assert said(database, conversation) == [("Invoice", ["scan.pdf"])]


@pytest.mark.parametrize("wrong", ["somebody else's", "sent already", "twice in one message", "none at all"])
def test_a_message_with_an_upload_that_is_not_its_senders_to_send_is_not_stored(
    database: Database, clock: Clock, wrong: str
) -> None:
    conversation = send(database, clock, text="Hello", external_id="m0")
    mine = upload(database, clock)
    if wrong == "sent already":
        send(database, clock, mine.id, text="Look", external_id="m1")
    ids = {
        "somebody else's": (mine.id, upload(database, clock, BOB).id),
        "sent already": (mine.id,),
        "twice in one message": (mine.id, mine.id),
        "none at all": (mine.id, 2**62),
    }[wrong]
    before = said(database, conversation)
    with pytest.raises(Rejected) as refusal:
        send(database, clock, *ids, text="Look", external_id="m2")
    assert refusal.value.reason is RejectReason.UNKNOWN_FILE
    assert said(database, conversation) == before
    if wrong != "sent already":
        send(database, clock, mine.id, external_id="m2")  # it is still free


def test_a_redelivered_message_with_files_is_known(database: Database, clock: Clock) -> None:
    mine = upload(database, clock)
    conversation = send(database, clock, mine.id)
    assert send(database, clock, mine.id) == conversation
    assert said(database, conversation) == [("", ["shot.png"])]


def test_a_customer_sees_nothing_of_others_and_no_notes(database: Database, clock: Clock, tess: Technician) -> None:
    mine, bobs = upload(database, clock), upload(database, clock, BOB)
    conversation = send(database, clock, mine.id)
    noted, unsent = (upload(database, clock, attachments.technician(tess.id)) for _ in range(2))
    with database.transaction() as tx:
        conversations.note(tx, conversation, tess, "", clock(), uploads=[noted.id])
        assert attachments.open_for_customer(tx, bobs.id, "web", "bob")
        for hidden in (bobs, noted, unsent):
            with pytest.raises(NotFound):
                attachments.open_for_customer(tx, hidden.id, "web", "alice")
        with pytest.raises(NotFound):
            attachments.open_for_customer(tx, mine.id, "mail", "alice")
        with pytest.raises(NotFound):
            attachments.open_for_technician(tx, bobs.id, tess.id)
        assert attachments.open_for_technician(tx, noted.id, 0).internal
        assert attachments.open_for_technician(tx, mine.id, tess.id).content == b"PNG"


# Technicians


def test_a_technicians_file_reaches_the_customer_with_its_content(
    database: Database, clock: Clock, write: Callable[..., int], tess: Technician
) -> None:
    conversation = write("printer dead", channel="mail")
    manual = upload(database, clock, attachments.technician(tess.id), "Handleiding.pdf", PDF)
    with database.transaction() as tx:
        conversations.reply(tx, conversation, tess, " ", clock(), uploads=[manual.id])
        sent = []
        while (delivery := outbox.claim(tx, "w", ["mail"], clock(), LEASE)) is not None:
            sent.append(delivery.message)
            outbox.delivered(tx, delivery.claim, Receipt(), clock())
    assert sent[-1].files == (File("Handleiding.pdf", "application/pdf", PDF),)
    assert sent[-1].attachments == (manual,)
    assert sent[0].files == ()


def test_a_technician_cannot_send_what_a_customer_or_colleague_uploaded(
    database: Database, clock: Clock, write: Callable[..., int], tess: Technician, tom: Technician
) -> None:
    conversation = write("printer dead")
    for uploader in (ALICE, attachments.technician(tom.id)):
        other = upload(database, clock, uploader)
        for say in (conversations.reply, conversations.note):
            with pytest.raises(Invalid), database.transaction() as tx:
                say(tx, conversation, tess, "Look", clock(), uploads=[other.id])
    assert said(database, conversation) == [("printer dead", [])]


def test_a_reply_carries_ten_files_at_most(
    database: Database, clock: Clock, write: Callable[..., int], tess: Technician
) -> None:
    conversation = write("printer dead")
    mine = [upload(database, clock, attachments.technician(tess.id)).id for _ in range(11)]
    with database.transaction() as tx:
        with pytest.raises(Invalid):
            conversations.reply(tx, conversation, tess, "", clock(), uploads=mine)
        conversations.reply(tx, conversation, tess, "", clock(), uploads=mine[1:])


def test_a_ticket_about_nothing_but_a_file_is_called_by_its_name(
    database: Database, clock: Clock, tess: Technician
) -> None:
    conversation = send(database, clock, upload(database, clock, name="blue screen.png").id)
    with database.transaction() as tx:
        conversations.take(tx, conversation, tess, clock())
        (ticket,) = conversations.view(tx, conversation).tickets
    assert ticket.subject == "blue screen.png"


# What they are


@pytest.mark.parametrize(
    ("name", "claimed", "content", "kind"),
    [
        ("shot.png", "", image("PNG"), "image/png"),
        ("photo", "", image("JPEG"), "image/jpeg"),
        ("a.gif", "", image("GIF"), "image/gif"),
        ("a.webp", "", image("WEBP"), "image/webp"),
        ("named-wrongly.txt", "text/plain", image("PNG"), "image/png"),
        ("manual.pdf", "", PDF, "application/pdf"),
        ("app.log", "", "één fout\n".encode(), "text/plain"),
        ("notes", "text/plain; charset=utf-8", b"hello", "text/plain"),
        ("page.txt", "text/plain", b"<script>alert(1)</script>", "text/plain"),
        ("empty.txt", "text/plain", b"", "text/plain"),
        ("report.docx", "", b"PK\x03\x04", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        # What claims to be harmless and is not, or is anything:
        ("page.png", "image/png", b"<html><script>alert(1)</script>", "text/html"),
        ("page.html", "text/plain", b"<!doctype html><script>alert(1)</script>", "text/html"),
        ("page.html", "text/plain", b"hello <script>alert(1)</script>", "application/octet-stream"),
        ("fake.png", "image/png", b"hello", "application/octet-stream"),
        ("fake.pdf", "application/pdf", b"hello %PDF-1.4", "application/octet-stream"),
        ("binary.txt", "text/plain", b"\x00\x01\x02", "application/octet-stream"),
        ("latin.txt", "text/plain", b"caf\xe9", "application/octet-stream"),
        ("odd", "text/html\r\nSet-Cookie: a=b", b"hello", "application/octet-stream"),
        ("a.svg", "image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "image/svg+xml"),
    ],
)
def test_the_type_is_what_the_content_says(name: str, claimed: str, content: bytes, kind: str) -> None:
    assert attachments.kind(name, claimed, content) == kind


def test_a_file_of_ours_that_is_called_the_same_is_not_looked_into(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "README.md").write_text("name,place\nAlice,here\n" * 3, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert attachments.kind("README.md", "", b"\x00\x01\x02") == "application/octet-stream"


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("Schermafbeelding – één.png", "Schermafbeelding – één.png"),
        ("スクリーン ショット.png", "スクリーン ショット.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\alice\\Desktop\\shot.png", "shot.png"),
        ("evil\u202egnp.exe", "evilgnp.exe"),
        ("a\x00b\r\nSet-Cookie: x.png", "abSet-Cookie_ x.png"),
        ('a"b<c>.png', "a_b_c_.png"),
        ("  ..hidden  ", "hidden"),
        ("con.txt", "_con.txt"),
        ("..", "file"),
        ("", "file"),
        ("\u202e\u200b", "file"),
        ("x" * 300 + ".png", "x" * 116 + ".png"),
        ("half a pair \ud83d.png", "half a pair .png"),
    ],
)
def test_names_are_made_safe_and_keep_their_letters(name: str, safe: str) -> None:
    assert safe_name(name) == safe


# When they go


def test_the_same_content_is_stored_once(database: Database, clock: Clock) -> None:
    one, other = upload(database, clock, name="a.png"), upload(database, clock, BOB, name="b.png")
    assert (one.id != other.id, contents(database)) == (True, 1)
    send(database, clock, one.id)
    clock.tick(attachments.KEPT.total_seconds() + 1)
    with database.transaction() as tx:
        assert attachments.sweep(tx, clock()) == 1
        assert attachments.open_for_customer(tx, one.id, "web", "alice").content == b"PNG"


def test_an_upload_that_is_never_sent_is_gone_after_a_day(database: Database, clock: Clock) -> None:
    sent = upload(database, clock, content=b"sent")
    send(database, clock, sent.id)
    upload(database, clock, content=b"forgotten")
    clock.tick(attachments.KEPT.total_seconds())
    late = upload(database, clock, content=b"just now")
    with database.transaction() as tx:
        assert attachments.sweep(tx, clock()) == 0
    clock.tick(1)
    with database.transaction() as tx:
        assert attachments.sweep(tx, clock()) == 1
        assert attachments.sweep(tx, clock()) == 0
    assert contents(database) == 2
    send(database, clock, late.id, external_id="m2")


def test_a_content_that_somebody_is_just_beginning_to_refer_to_is_not_swept(database: Database, clock: Clock) -> None:
    orphan = upload(database, clock, content=b"the same")
    with database.transaction() as tx:
        tx.connection.execute(attachments_table.delete().where(attachments_table.c.id == orphan.id))
    swept: list[int] = []

    def sweep() -> None:
        with database.transaction() as tx:
            swept.append(attachments.sweep(tx, clock()))

    other = Thread(target=sweep)

    def between(*args: object) -> None:
        """The content is there, and nothing refers to it yet."""
        if str(args[2]).startswith("INSERT INTO attachments") and not other.ident:
            other.start()
            # Long enough to be done with a content that nobody holds; one that is held is waited for.
            other.join(0.5)

    with database.transaction() as tx:
        event.listen(tx.connection, "before_cursor_execute", between)
        again = attachments.store(tx, ALICE, "again.txt", "", b"the same", clock())
    other.join()
    assert swept == [0]
    with database.snapshot() as tx:
        assert attachments.open(tx, again.id).content == b"the same"


def test_contents_that_nobody_refers_to_are_swept(database: Database, clock: Clock) -> None:
    with database.transaction() as tx:
        row = {"sha256": "0" * 64, "size": 1, "content": b"x", "created_at": clock()}
        tx.connection.execute(files.insert().values(row))
        assert attachments.sweep(tx, clock()) == 1
    assert contents(database) == 0


def test_who_uploads_without_end_keeps_the_newest_only(database: Database, clock: Clock) -> None:
    for number in range(attachments.MAX_UNSENT + 3):
        upload(database, clock, content=f"{number}".encode())
    kept = upload(database, clock, BOB, content=b"bob's")
    assert contents(database) == attachments.MAX_UNSENT + 1
    send(database, clock, kept.id, who="bob")


def test_an_upload_whose_message_was_never_stored_is_free_for_the_next_attempt(
    database: Database, clock: Clock
) -> None:
    mine = upload(database, clock)
    incoming = Incoming("web", "alice", "m1", "", clock(), uploads=(mine.id,))
    with database.engine.connect() as connection:
        inbox.accept(Transaction(connection), incoming, clock(), WORDS)
        # The process dies before the commit.
    assert said(database, send(database, clock, mine.id)) == [("", ["shot.png"])]


def test_messages_without_files_cost_no_query_more(database: Database, clock: Clock, write: Callable[..., int]) -> None:
    conversation = write("hello")
    write("anybody there?")
    with database.snapshot() as tx:
        asked: list[str] = []
        event.listen(tx.connection, "before_cursor_execute", lambda *args: asked.append(args[2]))
        messages.after(tx, conversation)
        assert len(asked) == 1
    send(database, clock, upload(database, clock).id, upload(database, clock).id, external_id="m8")
    send(database, clock, upload(database, clock).id, external_id="m9")
    with database.snapshot() as tx:
        asked = []
        event.listen(tx.connection, "before_cursor_execute", lambda *args: asked.append(args[2]))
        found = messages.after(tx, conversation)
        assert len(asked) == 2
    assert [len(message.attachments) for message in found] == [0, 0, 2, 1]
