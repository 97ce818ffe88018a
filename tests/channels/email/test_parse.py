"""What is read of a mail: who, what about, which words, which files; and that every mail is taken."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest

from channels.contract import MAX_LETTER_FILES, MAX_TEXT
from channels.email import parse, signing
from channels.email.intake import unread
from channels.letter import Authentication, Person
from tests.channels.email.mails import DESK, NOW, SECRET, letter, mail, multipart, nested, part, read

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0" * 30)


def test_a_plain_mail_is_read() -> None:
    incoming = read(mail())
    assert (incoming.channel, incoming.address, incoming.name) == ("email", "alice@example.org", "Alice Jansen")
    assert (incoming.text, incoming.external_id) == ("My printer jams.", "1@mail.example.org")
    assert incoming.received_at == NOW
    read_letter = letter(incoming)
    assert read_letter.subject == "Printer"
    assert read_letter.date == datetime(2026, 11, 26, 8, 58, tzinfo=UTC)
    assert read_letter.to == ()
    assert read_letter.mailbox == DESK
    assert read_letter.source == mail()


def test_who_wrote_it_and_where_answers_go_are_two_things() -> None:
    found = letter(read(mail("Hi", "Reply-To: Bob <bob@example.org>")))
    assert found.sender == Person("alice@example.org", "Alice Jansen")
    assert found.reply_to == Person("bob@example.org", "Bob")
    assert letter(read(mail("Hi", "Reply-To: alice@example.org"))).reply_to is None


@pytest.mark.parametrize(
    ("field", "address", "name"),
    [
        ("From: ALICE@Example.org", "alice@example.org", None),
        ("From: alice@example.org (Alice Jansen)", "alice@example.org", "Alice Jansen"),
        ('From: "Jansen, Alice" <alice@example.org>', "alice@example.org", "Jansen, Alice"),
        ("From: =?utf-8?Q?Jansen=2C_Ren=C3=A9e?= <renee@example.org>", "renee@example.org", "Jansen, Renée"),
        ("From: =?utf-8?B?QWxpY2UgPGFsaWNlQGV4YW1wbGUub3JnPg==?=", "alice@example.org", "Alice"),
        ('From: "Alice" <>, "Bob" <bob@example.org>', "bob@example.org", "Bob"),
        ("From: Team: Alice <alice@example.org>, bob@example.org;", "alice@example.org", "Alice"),
        ("From: 'alice@example.org' <alice@example.org>", "alice@example.org", None),
        ("From: Alice <mailto:alice@example.org>", "alice@example.org", "Alice"),
        ("From: Alice <alice@example.org", "alice@example.org", "Alice"),
        ("Sender: bob@example.org", "bob@example.org", None),
        ("Reply-To: <bob@example.org>", "bob@example.org", None),
        ("Return-Path: <bob@example.org>", "bob@example.org", None),
    ],
)
def test_the_sender_is_found_however_it_is_written(field: str, address: str, name: str | None) -> None:
    incoming = read(f"{field}\r\nSubject: Hi\r\n\r\nHello")
    assert (incoming.address, incoming.name) == (address, name)


def test_a_mail_without_a_sender_is_a_strangers_of_its_own() -> None:
    first, second = read("Subject: Hi\r\n\r\nHello"), read("Subject: Hi\r\n\r\nHello again")
    assert first.address.endswith("@unknown.invalid")
    assert first.address != second.address
    assert letter(first).sender is None


def test_also_unread_mails_without_a_sender_are_strangers_of_their_own() -> None:
    first, again, second = (unread(raw, DESK, NOW, "why") for raw in (b"\xff", b"\xff", b"\xfe"))
    assert first.address == again.address != second.address
    assert first.address.endswith("@unknown.invalid")


def test_groups_and_everybody_else_are_people_but_our_own_addresses() -> None:
    raw = mail("Hi", "Cc: Colleagues: Bob <bob@example.org>, carol@example.org;, helpdesk+c1.abc@example.com, Team: ;")
    assert [person.address for person in letter(read(raw)).cc] == ["bob@example.org", "carol@example.org"]


@pytest.mark.parametrize(
    ("written", "subject"),
    [
        ("=?utf-8?Q?Caf=C3=A9?=", "Café"),
        ("=?utf-8?B?Q2Fmw6k=?= =?utf-8?Q?_closed?=", "Café closed"),
        # Cut in the middle of a letter.
        ("=?utf-8?B?Q2Fmw?= =?utf-8?B?6k=?=", "Café"),
        ("=?utf-8?Q?Caf=C3?= =?utf-8?Q?=A9?=", "Café"),
        ("=?iso-2022-jp?B?GyRCJCIbKEI=?=", "あ"),
        ("=?unknown?Q?Caf=E9?=", "Café"),
        ("=?utf-8?Q?not closed", "=?utf-8?Q?not closed"),
        ("a\r\n b", "a b"),
        ("=?utf-8?Q?a=0D=0AX-Evil:_1?=", "a X-Evil: 1"),
        ("", ""),
    ],
)
def test_subjects_are_decoded(written: str, subject: str) -> None:
    assert letter(read(mail(subject=written))).subject == subject


@pytest.mark.parametrize("charset", ["utf-8", "cp1252"])
def test_subjects_in_bare_bytes_are_read(charset: str) -> None:
    raw = mail(subject="Placeholder").replace(b"Placeholder", "Één café is dicht".encode(charset))
    assert letter(read(raw)).subject == "Één café is dicht"


def test_a_mail_of_its_subject_only_says_its_subject() -> None:
    assert read(mail("", subject="Printer is broken")).text == "Printer is broken"
    assert letter(read(mail("", subject="Printer is broken"))).full_text == ""


def test_a_mail_without_a_message_id_gets_the_same_whichever_way_it_comes() -> None:
    raw = b"From: alice@example.org\nSubject: Hi\n\nHello"
    first = read(b"Received: from a\nDelivered-To: support@example.com\n" + raw)
    second = read((b"Received: from b\nReturn-Path: <x@y>\n" + raw).replace(b"\n", b"\r\n"))
    assert first.external_id == second.external_id
    assert letter(first).message_id is None
    assert read(raw + b"!").external_id != first.external_id


def test_ids_that_are_too_long_are_shortened_the_same_way_everywhere() -> None:
    long = "x" * 500 + "@example.org"
    incoming = read(mail("Hi", f"In-Reply-To: <{long}>"))
    answered = read(f"From: a@example.org\r\nMessage-ID: <{long}>\r\n\r\nHi")
    assert len(answered.external_id) <= 200
    assert letter(incoming).references == (answered.external_id,)


def test_references_are_the_nearest_first() -> None:
    raw = mail("Hi", "References: <1@a> <2@a>\r\n <3@a>", "In-Reply-To: Your message of Monday <3@a>")
    assert letter(read(raw)).references == ("3@a", "2@a", "1@a")


def test_our_own_marks_are_known_by_their_signature() -> None:
    address = signing.reply_address(DESK, 7, SECRET)
    ours = signing.message_id(8, 3, "example.com", SECRET)
    found = letter(read(mail("Hi", f"Cc: {address.upper()}", f"References: <other@a> <{ours}>")))
    assert (found.signed_conversation, found.answers_own) == (7, 8)
    forged = letter(read(mail("Hi", f"Cc: {address[:-15]}x@example.com", f"References: <x{ours}>")))
    assert (forged.signed_conversation, forged.answers_own) == (None, None)


def test_our_own_mails_are_known_when_they_come_back() -> None:
    token = signing.token(8, 3, SECRET)
    assert letter(read(mail("Hi", f"{signing.HEADER}: {token}"))).ours
    colleague = letter(read(b"From: Helpdesk <helpdesk@example.com>\r\n\r\nHi"))
    assert (colleague.ours, colleague.from_own_address) == (False, True)
    assert not letter(read(mail("Hi"))).from_own_address
    assert not letter(read(mail("Hi", f"{signing.HEADER}: c8.3.aaaaaaaaaaaaaaaa"))).ours


def test_only_the_trusted_relays_word_about_the_sender_counts() -> None:
    raw = mail(
        "Hi",
        "Authentication-Results: mx.example.com (relay; really); spf=fail (no) smtp.mailfrom=x; dkim=none;\r\n"
        " dkim=pass header.d=y; dmarc=fail (p=reject)",
        "Authentication-Results: mx.example.com; dmarc=pass",
        "Authentication-Results: attacker.example; dmarc=pass",
    )
    relay = frozenset({"mx.example.com"})
    found = letter(read(raw, trusted=relay)).authentication
    assert found == Authentication("mx.example.com", spf="fail", dkim="pass", dmarc="fail")
    assert found.spoofed
    assert letter(read(raw)).authentication is None


def test_a_relay_without_a_name_is_trusted_only_where_that_is_said() -> None:
    raw = mail("Hi", "Authentication-Results: spf=pass (sender IP is 1.2.3.4) smtp.mailfrom=x; dmarc=pass action=none")
    assert letter(read(raw, trusted=frozenset({"mx"}))).authentication is None
    assert letter(read(raw, trusted=frozenset({"-"}))).authentication == Authentication("-", spf="pass", dmarc="pass")


def test_the_laid_out_text_is_read_and_kept() -> None:
    raw = multipart(
        "alternative", part("text/plain", "plain"), part("text/html", "<p>Hi <b>there</b></p><script>x</script>")
    )
    assert read(raw).text == "Hi there"
    assert letter(read(raw)).html == "<p>Hi <b>there</b></p>"


def test_plain_text_is_read_where_the_layout_says_nothing() -> None:
    raw = multipart("alternative", part("text/plain", "My words"), part("text/html", '<img src="cid:a">'))
    assert read(raw).text == "My words"
    assert letter(read(raw)).html is not None


def test_pictures_in_the_text_are_files_and_show_where_they_stood() -> None:
    raw = multipart(
        "related",
        part("text/html", '<p>See <img src="cid:shot@x"> <img src="https://tracker.example/1.gif" alt="logo"></p>'),
        part("image/png", PNG, "Content-ID: <shot@x>", "Content-Transfer-Encoding: base64"),
    )
    incoming = read(raw)
    assert [(file.name, file.type) for file in incoming.attachments] == [("image.png", "image/png")]
    html = letter(incoming).html or ""
    assert 'data-attachment="0"' in html
    assert "tracker" not in html


def test_texts_between_files_belong_to_the_text_and_footers_do_not() -> None:
    file = part("image/png", PNG, "Content-Transfer-Encoding: base64", "Content-Disposition: inline; filename=a.png")
    first, second, footer = (part("text/plain", text) for text in ("Before", "After", "-- \nList footer"))
    assert letter(read(multipart("mixed", first, file, second))).full_text == "Before\n\nAfter"
    listed = read(multipart("mixed", nested("alternative", first, part("text/html", "<p>Before</p>")), footer))
    assert letter(listed).full_text == "Before"
    assert [file.name for file in listed.attachments] == ["document.txt"]


def test_files_keep_their_names_made_safe() -> None:
    raw = multipart(
        "mixed",
        part("text/plain", "Hi"),
        part("text/plain", "x", "Content-Disposition: attachment; filename*=utf-8''Erkl%C3%A4rung.txt"),
        part("text/plain", "x", 'Content-Disposition: attachment; filename="=?utf-8?Q?Caf=C3=A9=2Etxt?="'),
        part("text/plain", "x", "Content-Disposition: attachment;\r\n filename*0=long; filename*1=name.txt"),
        part("application/x-sh", "x", 'Content-Disposition: attachment; filename="../../etc/pass\u202ewd"'),
        part("application/pdf", "x"),
    )
    names = [file.name for file in read(raw).attachments]
    assert names == ["Erklärung.txt", "Café.txt", "longname.txt", "passwd", "file.pdf"]


def test_files_that_are_too_large_or_too_many_are_named() -> None:
    small = [
        part("text/plain", "x", f"Content-Disposition: attachment; filename={number}.txt")
        for number in range(MAX_LETTER_FILES + 1)
    ]
    large = part("text/plain", "x" * 11, "Content-Disposition: attachment; filename=large.txt")
    incoming = read(multipart("mixed", part("text/plain", "Hi"), large, *small), max_file=10)
    assert len(incoming.attachments) == MAX_LETTER_FILES
    assert letter(incoming).left_out == ("large.txt", f"{MAX_LETTER_FILES}.txt")


@pytest.mark.parametrize("encoding", ["7bit", "base64"])
def test_a_mail_within_the_mail_is_a_file_named_after_its_subject(encoding: str) -> None:
    inner = b"From: Bob <bob@example.org>\r\nSubject: =?utf-8?Q?Caf=C3=A9?=\r\n\r\nLook at this\xff"
    body = base64.b64encode(inner) if encoding == "base64" else inner
    raw = multipart(
        "mixed",
        part("text/plain", "See below"),
        part("message/rfc822", body, f"Content-Transfer-Encoding: {encoding}"),
    )
    incoming = read(raw)
    assert [(file.name, file.content) for file in incoming.attachments] == [("Café.eml", inner)]
    assert letter(incoming).forwarded_from == Person("bob@example.org", "Bob")


@pytest.mark.parametrize(
    "text",
    [
        "Can you help?\n\n---------- Forwarded message ---------\nFrom: Bob <bob@example.org>\nDate: x\nTo: y\n\nHi",
        "FYI\n\nBegin forwarded message:\n\n> From: Bob <bob@example.org>\n> Subject: x\n> \n> Hi",
        "FYI\n\nVan: Bob [mailto:bob@example.org]\nVerzonden: maandag\nAan: Alice\nOnderwerp: x\n\nHoi",
    ],
)
def test_who_wrote_a_forwarded_mail_is_found(text: str) -> None:
    found = letter(read(mail(text, subject="FW: x"))).forwarded_from
    assert found == Person("bob@example.org", "Bob")
    assert letter(read(mail("From: nobody", subject="FW: x"))).forwarded_from is None


@pytest.mark.parametrize("mark", ["", "-----Original Message-----\n"])
def test_a_quoted_mail_is_not_a_forwarded_one(mark: str) -> None:
    text = f"Thanks!\n\n{mark}From: Tess <tess@example.com>\nSent: Monday\nTo: Alice\nSubject: x\n\nHi"
    assert letter(read(mail(text, subject="Re: x"))).forwarded_from is None


def test_flowed_lines_are_joined() -> None:
    raw = mail(
        "This is one \r\nlong line.\r\n> quoted \r\n> line\r\n-- \r\nAlice", "Content-Type: text/plain; format=flowed"
    )
    assert letter(read(raw)).full_text == "This is one long line.\n> quoted line\n-- \nAlice"


def test_uuencoded_files_are_files() -> None:
    incoming = read(mail("See:\n\nbegin 644 cat.txt\n#0V%T\n`\nend\n"))
    assert [(file.name, file.content) for file in incoming.attachments] == [("cat.txt", b"Cat")]


def test_encrypted_mail_says_so() -> None:
    pgp = multipart(
        "encrypted; protocol=application/pgp-encrypted",
        part("application/pgp-encrypted", "Version: 1"),
        part("application/octet-stream", "-----BEGIN PGP MESSAGE-----", "Content-Disposition: inline; filename=a.asc"),
    )
    assert letter(read(pgp)).encrypted == "pgp"
    assert letter(read(mail("-----BEGIN PGP MESSAGE-----\n\nabc"))).encrypted == "pgp"
    assert letter(read(mail())).encrypted is None


def test_a_huge_text_is_cut_where_the_record_ends() -> None:
    incoming = read(mail("word " * 200_000))
    assert len(incoming.text) == MAX_TEXT
    assert len(letter(incoming).full_text) == parse.MAX_FULL_TEXT


@pytest.mark.parametrize(
    "raw",
    [
        # A relay's lines in between, and garbage above.
        b"--- Original message ---\r\nFrom: alice@example.org\r\nX-Spam: no\r\nand more\r\nSubject: Printer\r\n\r\nHi",
        b"From  : alice@example.org\r\nSubject : Printer\r\n\r\nHi",
        b"\xef\xbb\xbf\r\n\r\nFrom: alice@example.org\nSubject: Printer\n\nHi",
        b"From alice Mon Nov 26\nFrom: alice@example.org\nSubject: Printer\n\nHi",
        b"From: alice@example.org\r\nSubject: Printer\r\nContent-Type: multipart/mixed; boundary=wrong\r\n\r\n"
        b"--right\r\nContent-Type: text/plain\r\n\r\nHi\r\n--right--",
        b"From: alice@example.org\r\nSubject: Printer\r\nContent-Type: multipart/mixed\r\n\r\nHi",
        b"From: alice@example.org\r\nSubject: Printer\r\nContent-Type: x\r\nContent-Transfer-Encoding: x\r\n\r\nHi",
        b'From: alice@example.org\r\nSubject: Printer\r\nContent-Type: text/plain; charset="\x00"\r\n\r\nHi',
    ],
)
def test_broken_mails_are_read(raw: bytes) -> None:
    incoming = read(raw)
    assert (incoming.address, letter(incoming).subject, incoming.text) == ("alice@example.org", "Printer", "Hi")


@pytest.mark.parametrize("raw", [b"", b"\x00\xff\xfe", b"hello", b"\r\n\r\n", b"\x89PNG\r\n\x1a\n", b":\n:\n\n"])
def test_what_is_no_mail_is_kept_as_it_is(raw: bytes) -> None:
    incoming = read(raw)
    assert incoming.letter is not None
    assert incoming.letter.unreadable == "it has no header"
    assert incoming.letter.source == raw
    assert incoming.address.endswith("@unknown.invalid")


def test_the_body_of_a_mail_that_lost_its_header_is_read_as_far_as_it_goes() -> None:
    incoming = read(b"It still jams.\n\nOn Mon, 2 Mar 2026 at 09:00, Tess <tess@example.org> wrote:\n> Does it?\n")
    assert incoming.letter is not None
    assert incoming.text == "It still jams."
    assert "> Does it?" in incoming.letter.full_text


def test_parts_within_parts_without_end_are_taken() -> None:
    raw = mail("Hi", 'Content-Type: multipart/mixed; boundary="0"')
    for number in range(1_500):
        raw += f'\r\n--{number}\r\nContent-Type: multipart/mixed; boundary="{number + 1}"\r\n'.encode()
    incoming = read(raw)
    assert incoming.letter is not None
    assert incoming.letter.source == raw
    # Whether or not the rest could be read, whose it is is known.
    assert (incoming.address, incoming.external_id) == ("alice@example.org", "1@mail.example.org")
    assert incoming.letter.subject == "Printer"


def test_characters_that_no_document_may_have_do_not_stop_a_mail() -> None:
    html = "a&#1;b\x02c<p title='&#x0;&#xFFFF;' class='gmail_quote'>d&#11;e</p>&#99999999999;f&#233;"
    assert "".join(read(mail(html, "Content-Type: text/html")).text.split()).startswith("abc")
    assert letter(read(mail(html, "Content-Type: text/html"))).full_text == "abc\n\nde\n\nfé"


def test_what_databases_refuse_is_not_in_any_text() -> None:
    incoming = read(mail("a\x00b\x1b[31m &#xD800;", "Content-Type: text/html", subject="=?utf-8?Q?a=00b=ED=A0=80?="))
    texts = incoming.text + letter(incoming).subject + letter(incoming).full_text
    assert not {"\x00", "\x1b"} & set(texts)
    texts.encode()
