"""Mails in the console: the customer's own words first, the whole mail one click away, and nothing in it runs."""

from __future__ import annotations

import re
import shutil
from base64 import b64decode, b64encode
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from channels.contract import Attachment, File
from channels.letter import Authentication, Automatic, Person
from desk import conversations
from desk.console import layout, texts
from desk.model.conversation import Reason
from desk.store import technicians
from desk.store.attachments import Stored
from desk.store.database import Database
from tests.desk.conftest import Clock
from tests.desk.console.conftest import HTMX
from tests.desk.mails import ALICE, BOB, DESK, MALLORY, Mails, people


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """One database: what differs between the two is tested where mails are stored."""
    path = tmp_path / "firstline.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


HOSTILE = "<script>document.title='owned'</script>"


async def page(browser: httpx.AsyncClient, conversation: int) -> str:
    answer = await browser.get(f"conversations/{conversation}")
    assert answer.status_code == 200
    return answer.text


def take(mails: Mails, clock: Clock, conversation: int) -> None:
    with mails.database.transaction() as tx:
        conversations.take(tx, conversation, technicians.everybody(tx)[0], clock.tick())


async def test_a_mail_shows_its_words_first_and_all_of_it_on_request(
    tess_browser: httpx.AsyncClient, mails: Mails
) -> None:
    conversation = mails.write(
        "It is broken",
        subject=f"Printer {HOSTILE}",
        full_text=f"It is broken\n> Is it on? {HOSTILE}",
        html="<p>It is <b>broken</b></p>",
        cc=people(BOB),
        authentication=Authentication("mx.desk.test", "pass", "pass", "pass"),
        left_out=("film.mov",),
    )
    shown = await page(tess_browser, conversation)
    assert "It is broken" in shown
    assert "Is it on?" not in shown
    assert "film.mov" in shown
    assert "Show the whole mail" in shown
    whole = await tess_browser.get(f"conversations/{conversation}/messages/1/mail", headers=HTMX)
    for word in ("Is it on?", ALICE, BOB, "help@desk.test", "mx.desk.test", "it began the conversation"):
        assert word in whole.text, word
    assert "<script>document" not in shown + whole.text
    assert "<html" in (await tess_browser.get(f"conversations/{conversation}/messages/1/mail")).text


async def test_the_layout_of_a_mail_is_shown_in_a_frame_in_which_nothing_runs_or_loads(
    tess_browser: httpx.AsyncClient, mails: Mails
) -> None:
    conversation = mails.write(html=f"<p>Hi</p>{HOSTILE}<img src='https://tracker.test/x.png'>")
    whole = await tess_browser.get(f"conversations/{conversation}/messages/1/mail", headers=HTMX)
    (frame,) = re.findall(r"<iframe[^>]*>", whole.text)
    assert 'sandbox=""' in frame
    assert f'src="/desk/conversations/{conversation}/messages/1/mail/layout"' in frame
    layout = await tess_browser.get(f"conversations/{conversation}/messages/1/mail/layout")
    policy = layout.headers["content-security-policy"]
    assert {"default-src 'none'", "sandbox", "frame-ancestors 'self'", "img-src data:"} <= set(policy.split("; "))
    assert "script-src" not in policy
    assert layout.headers["x-frame-options"] == "SAMEORIGIN"
    assert "frame-src 'self'" in whole.headers["content-security-policy"]


PNG = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


async def test_pictures_that_came_with_a_mail_are_in_its_layout(tess_browser: httpx.AsyncClient, mails: Mails) -> None:
    svg = File("logo.svg", "image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    written = '<p>&lt;img data-attachment="1"&gt;</p><img alt="a screen" data-attachment="1">'
    html = f'{written}<img data-attachment="0"><img data-attachment="7">'
    conversation = mails.write(files=(svg, File("screen.png", "image/png", PNG)), html=html)
    layout = (await tess_browser.get(f"conversations/{conversation}/messages/1/mail/layout")).text
    assert f'<img alt="a screen" src="data:image/png;base64,{b64encode(PNG).decode()}">' in layout
    assert layout.endswith("<img><img>")
    assert layout.count("src=") == 1
    assert '<p>&lt;img data-attachment="1"&gt;</p>' in layout


def test_pictures_are_shown_until_there_is_too_much_of_them() -> None:
    large = Stored(Attachment(1, "a.png", "image/png", 1), b"x" * (layout.MOST_PICTURES // 3), "u", 1, internal=False)
    shown = layout.document('<img data-attachment="0">' * 1_000, lambda _: large)
    assert shown.count("src=") == 3
    assert shown.count("<img") == 1_000


async def test_the_source_of_a_mail_is_kept_as_a_file(tess_browser: httpx.AsyncClient, mails: Mails) -> None:
    conversation = mails.write(source=b"Subject: x\r\n\r\n\xff")
    answer = await tess_browser.get(f"conversations/{conversation}/messages/1/mail/source")
    assert answer.content == b"Subject: x\r\n\r\n\xff"
    assert answer.headers["content-type"] == "message/rfc822"
    assert answer.headers["content-disposition"] == f'attachment; filename="mail-{conversation}-1.eml"'


async def test_a_mail_that_cannot_be_read_is_shown_as_it_is(tess_browser: httpx.AsyncClient, mails: Mails) -> None:
    conversation = mails.write("", subject="", unreadable="no header", source=b"\xff\xfeQQQ <b>", full_text="")
    assert "could not be read" in await page(tess_browser, conversation)
    whole = await tess_browser.get(f"conversations/{conversation}/messages/1/mail", headers=HTMX)
    assert "QQQ &lt;b&gt;" in whole.text


async def test_what_is_not_there_is_not_found(tess_browser: httpx.AsyncClient, mails: Mails) -> None:
    conversation = mails.write("My password is Zomer2024!", source=b"Zomer2024!")
    for path in ("1/mail/source", "2/mail", "2/mail/layout", "99999999999999999999/mail"):
        answer = await tess_browser.get(f"conversations/{conversation}/messages/{path}")
        assert answer.status_code == 404, path
    whole = await tess_browser.get(f"conversations/{conversation}/messages/1/mail", headers=HTMX)
    assert "A password was masked" in whole.text


async def test_a_sender_that_is_probably_another_is_warned_of(tess_browser: httpx.AsyncClient, mails: Mails) -> None:
    forged = mails.write(authentication=Authentication("mx.desk.test", dmarc="fail"))
    assert "Probably not from this sender" in await page(tess_browser, forged)
    proved = mails.write("Other", authentication=Authentication("mx.desk.test", dmarc="pass"))
    assert "Probably not from this sender" not in await page(tess_browser, proved)


async def test_whoever_else_writes_is_named_and_can_be_added_and_removed(
    tess_browser: httpx.AsyncClient, mails: Mails
) -> None:
    conversation = mails.write(id="a@x", cc=people(BOB))
    mails.write("Mine too", BOB, answers="a@x")
    shown = await page(tess_browser, conversation)
    assert "Bob &lt;bob@example.org&gt;" in shown
    where = f"conversations/{conversation}/participants"
    assert (await tess_browser.post(where, data={"address": "carol@x"}, headers=HTMX)).status_code == 200
    assert (await tess_browser.post(f"{where}/remove", data={"address": BOB}, headers=HTMX)).status_code == 200
    assert [one.address for one in mails.answer()[-1].letter.cc] == ["carol@x"]
    refused = await tess_browser.post(where, data={"address": "carol"}, headers=HTMX)
    assert (refused.status_code, "no email address" in refused.text) == (422, True)


@pytest.mark.parametrize("path", ["approve", "keep-apart"])
async def test_a_stranger_is_decided_about_with_one_click(
    tess_browser: httpx.AsyncClient, mails: Mails, clock: Clock, path: str
) -> None:
    original = mails.write(id="a@x")
    take(mails, clock, original)
    own = mails.write("What did she say?", MALLORY, answers="a@x")
    shown = await page(tess_browser, own)
    assert f"{MALLORY} writes in reply to" in shown
    assert 'href="/desk/tickets/FL-1001"' in shown
    assert MALLORY in await page(tess_browser, original)
    answer = await tess_browser.post(f"conversations/{own}/stranger/{path}", headers=HTMX)
    assert answer.status_code == 200
    if path == "approve":
        assert answer.headers["hx-redirect"] == f"/desk/conversations/{original}"
        assert "What did she say?" in await page(tess_browser, original)
        again = await tess_browser.post(f"conversations/{own}/stranger/approve", headers=HTMX)
        assert (again.status_code, "They take part already" in again.text) == (409, True)
    else:
        assert "It is kept apart." in await page(tess_browser, own)
    history = await page(tess_browser, own if path == "keep-apart" else original)
    assert ("keeps the mail of" if path == "keep-apart" else "who wrote in reply") in history


async def test_a_new_subject_offers_a_case_of_its_own_until_it_is_one(
    tess_browser: httpx.AsyncClient, mails: Mails, clock: Clock
) -> None:
    conversation = mails.write(id="a@x", subject="Printer")
    mails.write("And my phone", subject="New phone", answers="a@x")
    assert "Make it a case of its own" not in await page(tess_browser, conversation)
    take(mails, clock, conversation)
    shown = await page(tess_browser, conversation)
    assert "New subject: “New phone”" in shown
    assert 'hx-target="closest .offer" hx-swap="outerHTML"' in shown, "what was offered is gone once it is done"
    fields = dict(
        re.findall(r'name="(conversation|from_seq|subject)" value="([^"]*)"', shown.split('class="offer"')[1])
    )
    answer = await tess_browser.post("tickets/FL-1001/split", data=fields, headers=HTMX)
    assert answer.status_code == 200
    shown = await page(tess_browser, conversation)
    assert "Make it a case of its own" not in shown
    assert "FL-1002" in shown


async def test_a_machines_mail_stands_as_a_note_and_what_came_back_at_the_mail(
    tess_browser: httpx.AsyncClient, mails: Mails, clock: Clock
) -> None:
    conversation = mails.write(id="a@x")
    (sent,) = mails.answer()
    mails.automatic(Automatic.AUTO_REPLY, "Until Monday", answers=sent.message_id, subject="Out of office")
    mails.bounce(sent)
    shown = await page(tess_browser, conversation)
    for word in ("Automatic reply", "Out of office", "Until Monday", "Undeliverable", f"Came back from {ALICE}"):
        assert word in shown, word


async def test_whoever_answers_to_an_address_that_takes_no_mail_is_told_before(
    tess_browser: httpx.AsyncClient, mails: Mails
) -> None:
    conversation = mails.write(id="a@x")
    (sent,) = mails.answer()
    warning = "The last mail to this address came back."
    assert warning not in await page(tess_browser, conversation)
    mails.bounce(sent)
    assert warning in await page(tess_browser, conversation)


async def test_a_mail_that_names_no_sender_says_so(tess_browser: httpx.AsyncClient, mails: Mails) -> None:
    incoming = mails.incoming("?", "nobody-1@unknown.invalid", unreadable="no header")
    assert incoming.letter is not None
    conversation = mails.accept(replace(incoming, name=None, letter=replace(incoming.letter, sender=None)))
    whole = await tess_browser.get(f"conversations/{conversation}/messages/1/mail", headers=HTMX)
    assert "<dd>Nobody is named</dd>" in whole.text


async def test_what_the_desk_said_last_does_not_look_like_the_customers_words_in_the_lists(
    tess_browser: httpx.AsyncClient, mails: Mails
) -> None:
    mails.write(id="a@x")
    mails.write("What did she say?", MALLORY, answers="a@x")
    assert "Desk: Thank you, we have received your message" in (await tess_browser.get("lists")).text


async def test_of_a_forwarded_mail_it_is_said_who_wrote_it(tess_browser: httpx.AsyncClient, mails: Mails) -> None:
    conversation = mails.write("See below", forwarded_from=Person("carol@elsewhere.test", "Carol <b>\x00"))
    shown = await page(tess_browser, conversation)
    assert re.search(r"Forwarded; originally from\s*<bdi>Carol &lt;b&gt; &lt;carol@elsewhere.test&gt;</bdi>", shown)
    whole = await tess_browser.get(f"conversations/{conversation}/messages/1/mail", headers=HTMX)
    assert "carol@elsewhere.test" in whole.text
    unknown = mails.write("See below", BOB, forwarded_from=Person("", "Carol"))
    assert re.search(r"originally from\s*<bdi>Carol</bdi>", await page(tess_browser, unknown))
    plain = mails.write("Hi", MALLORY)
    assert "Forwarded" not in await page(tess_browser, plain)


async def test_what_was_sent_from_the_shared_mailbox_by_hand_says_so(
    tess_browser: httpx.AsyncClient, mails: Mails
) -> None:
    conversation = mails.write(id="a@x")
    mails.write("I'll come by", DESK, answers="a@x")
    shown = await page(tess_browser, conversation)
    assert "Sent from the shared mailbox with a mail program" in shown
    assert "May be a machine" not in shown


async def test_automatic_mail_that_belongs_nowhere_has_a_list_of_its_own(
    tess_browser: httpx.AsyncClient, mails: Mails, database: Database
) -> None:
    assert "Automatic mail" not in (await tess_browser.get("lists")).text
    mails.automatic(Automatic.AUTO_GENERATED, "Disk full", by="nagios@example.org")
    lists = (await tess_browser.get("lists")).text
    section = lists.split('data-section="automatic"')[1]
    assert "Disk full" in section
    assert "Disk full" not in lists.split('data-section="automatic"')[0]


@pytest.mark.parametrize("reason", [Reason.UNKNOWN_SENDER, Reason.UNREADABLE, Reason.MAIL_LOOP])
def test_why_a_mail_came_to_people_is_said_in_words(reason: Reason) -> None:
    for spoken in texts.load().values():
        assert spoken.has(f"reason.{reason.value}")
