"""What customers get: every mail is read back as a mail program reads it."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest

from channels.contract import Author, Button, File, Outgoing
from channels.email.render import Letterhead, Unaddressable, message, message_id, recipients, wire
from channels.email.signing import HEADER, conversation_of_address, conversation_of_header, conversation_of_message_id
from channels.letter import OutgoingLetter, Person
from tests.channels.email.letters import LETTERHEAD, SECRET, SUPPORT, letter


def arrived(outgoing: Outgoing, letterhead: Letterhead = LETTERHEAD) -> EmailMessage:
    """`outgoing` after it has been through servers that take 7-bit lines of 998 characters only."""
    sent = wire(message(outgoing, letterhead))
    assert sent.isascii()
    assert max(map(len, sent.split(b"\r\n"))) <= 998
    assert b"\n" not in sent.replace(b"\r\n", b"")
    read = message_from_bytes(sent, policy=policy.default)
    assert isinstance(read, EmailMessage)
    assert not read.defects
    return read


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    content: Any = part.get_content()
    return str(content).replace("\r\n", "\n")


def test_a_mail_says_the_same_as_text_and_as_html_in_the_customers_language() -> None:
    mail = arrived(letter("Staat de **printer** aan?", language="nl"))
    assert mail["Content-Language"] == "nl"
    assert "Staat de *printer* aan?" in body(mail, "plain")
    assert "Staat de <strong>printer</strong> aan?" in body(mail, "html")
    assert "digitale assistent" in body(mail, "plain")
    assert '<html lang="nl">' in body(mail, "html")


def test_it_comes_from_the_mailbox_that_the_customer_wrote_to_under_the_name_of_its_team() -> None:
    mail = arrived(letter(letter=OutgoingLetter("x", mailbox="field@example.org")))
    assert mail["From"] == "Field service <field@example.org>"
    assert arrived(letter(letter=OutgoingLetter("x", mailbox="gone@example.org")))["From"] == f"IT Support <{SUPPORT}>"


def test_a_technician_is_named_and_the_assistant_does_not_pose_as_a_person() -> None:
    mail = arrived(letter(author=Author.TECHNICIAN, name="Tess"))
    assert mail["From"].addresses[0].display_name == "Tess (IT Support)"
    assert "digital assistant" not in body(mail, "plain")
    assert "digital assistant" in body(arrived(letter()), "plain")


def test_a_name_cannot_add_a_header() -> None:
    mail = arrived(letter(author=Author.TECHNICIAN, name='Tess"\r\nBcc: eve@example.net'))
    assert mail["Bcc"] is None


def test_the_subject_has_the_tickets_number_and_re_only_when_it_answers() -> None:
    first = letter(letter=OutgoingLetter("Printer jams"))
    assert arrived(first)["Subject"] == "Printer jams"
    answer = letter(letter=OutgoingLetter("Printer jams", ticket="FL-1042", references=("a@mail.example.com",)))
    assert arrived(answer)["Subject"] == "Re: Printer jams [FL-1042]"
    assert "Your ticket is FL-1042." in body(arrived(answer), "plain")
    assert arrived(letter(letter=OutgoingLetter("")))["Subject"] == "Your question"


def test_the_tickets_number_is_not_said_twice_below_one_another() -> None:
    said = letter("Your ticket number is FL-1042.", letter=OutgoingLetter("x", ticket="FL-1042"))
    assert body(arrived(said), "plain").count("FL-1042") == 1


def test_nobody_who_is_with_people_already_is_told_how_to_reach_them() -> None:
    offered = "answer: person"
    assert offered in body(arrived(letter(letter=OutgoingLetter("x", automatic=True))), "plain")
    passed_on = body(arrived(letter(letter=OutgoingLetter("x", automatic=True, with_people=True))), "plain")
    assert offered not in passed_on
    assert "digital assistant" in passed_on


def test_the_link_speaks_of_buttons_only_where_there_are_some() -> None:
    link = {"join_code": "c0de"}
    assert "pressing buttons" in body(arrived(letter(buttons=(Button("Yes", "yes"),), **link)), "plain")
    without = body(arrived(letter(**link)), "plain")
    assert "/?continue=c0de" in without
    assert "buttons" not in without


@pytest.mark.parametrize(
    "subject", ["Prínter ünd Prüfung " * 8, "é" * 150, "line\r\nBcc: eve@example.net", "打印机卡纸了" * 9, "x" * 190]
)
def test_whatever_the_subject_is_it_arrives_as_it_was(subject: str) -> None:
    mail = arrived(letter(letter=OutgoingLetter(subject)))
    assert mail["Subject"] == " ".join(subject.split())
    assert mail["Bcc"] is None


def test_it_stands_in_its_thread() -> None:
    long = "a" * 150 + "@mail.example.com"
    mail = arrived(letter(letter=OutgoingLetter("x", references=("first@x", "second@x", long))))
    assert mail["In-Reply-To"] == f"<{long}>"
    assert mail["References"].split() == ["<first@x>", "<second@x>", f"<{long}>"]


def test_a_long_thread_keeps_its_beginning_and_its_end() -> None:
    mail = arrived(letter(letter=OutgoingLetter("x", references=tuple(f"{number}@x" for number in range(500)))))
    ids = mail["References"].split()
    assert (len(ids), ids[0], ids[1], ids[-1]) == (20, "<0@x>", "<481@x>", "<499@x>")


@pytest.mark.parametrize("odd", ["with space@x", "é@x", "a>\r\nBcc: b@x", "no at", "x" * 300 + "@x"])
def test_message_ids_that_are_none_are_left_out(odd: str) -> None:
    mail = arrived(letter(letter=OutgoingLetter("x", references=("good@x", odd))))
    assert (mail["References"], mail["In-Reply-To"], mail["Bcc"]) == ("<good@x>", "<good@x>", None)
    assert arrived(letter(letter=OutgoingLetter("x", references=(odd,))))["References"] is None


def test_we_know_our_own_mail_again_by_its_id_its_answer_address_and_its_header() -> None:
    mail = arrived(letter())
    assert conversation_of_message_id(mail["Message-ID"], SECRET) == 42
    assert mail["Message-ID"] == f"<{message_id(letter(), LETTERHEAD)}>"
    assert conversation_of_address(mail["Reply-To"].addresses[0].addr_spec, SECRET) == 42
    assert conversation_of_header(mail[HEADER], SECRET) == 42


def test_without_plus_addressing_answers_go_to_the_mailbox() -> None:
    assert arrived(letter(), replace(LETTERHEAD, plus=False))["Reply-To"] is None


def test_machines_are_asked_not_to_answer_a_machine_and_may_answer_a_person() -> None:
    automatic = arrived(letter())
    assert (automatic["Auto-Submitted"], automatic["X-Auto-Response-Suppress"]) == ("auto-replied", "All")
    person = arrived(letter(author=Author.TECHNICIAN, letter=OutgoingLetter("x")))
    assert (person["Auto-Submitted"], person["X-Auto-Response-Suppress"]) == (None, None)


def test_choices_are_numbered_and_the_customer_is_told_how_to_answer() -> None:
    three = (Button("Yes", "/y"), Button("No", "/n"), Button("I do not <know>", "/d"))
    mail = arrived(letter(buttons=three))
    numbered = "1. Yes\n2. No\n3. I do not <know>\n\nAnswer with the number (1, 2 or 3), or in your own words."
    assert numbered in body(mail, "plain")
    assert "<ol>" in body(mail, "html")
    assert "I do not &lt;know&gt;" in body(mail, "html")
    dutch = arrived(letter(buttons=three[:2], language="nl"))
    assert "Antwoord met het nummer (1 of 2), of in je eigen woorden." in body(dutch, "plain")
    assert "Answer in your own words, or with the number 1." in body(arrived(letter(buttons=three[:1])), "plain")


def test_a_signed_link_leads_into_the_web_chat() -> None:
    mail = arrived(letter(join_code="c0de_-"))
    assert "https://help.example.org/?continue=c0de_-" in body(mail, "plain")
    assert 'href="https://help.example.org/?continue=c0de_-"' in body(mail, "html")
    assert "continue=" not in body(arrived(letter()), "plain")


def test_people_in_copy_stay_in_copy_once_and_we_do_not_write_to_ourselves() -> None:
    cc = (Person("bob@example.com", "Bob Ünger"), Person("alice@example.com"), Person(SUPPORT))
    mail = message(letter(letter=OutgoingLetter("x", cc=cc)), LETTERHEAD)
    assert recipients(mail) == ("alice@example.com", ("bob@example.com",))
    assert arrived(letter(letter=OutgoingLetter("x", cc=cc)))["Cc"] == "Bob Ünger <bob@example.com>"


def test_files_go_along_under_their_names() -> None:
    files = (
        File("résumé «1».pdf", "application/pdf", b"\x00pdf" * 900),
        File("mail.eml", "message/rfc822", b"Subject: x\n\ny"),
        File("odd", "not a type", b"?"),
        File("a.txt", "text/plain", "é".encode()),
    )
    mail = arrived(letter(files=files))
    got = [
        (part.get_filename(), part.get_content_type(), part.get_payload(decode=True))
        for part in mail.iter_attachments()
    ]
    assert got == [
        ("résumé «1».pdf", "application/pdf", b"\x00pdf" * 900),
        ("mail.eml", "application/octet-stream", b"Subject: x\n\ny"),
        ("odd", "application/octet-stream", b"?"),
        ("a.txt", "text/plain", "é".encode()),
    ]


def test_text_from_right_to_left_and_long_lines_arrive() -> None:
    text = "מדפסת תקועה\n" + "long " * 700
    mail = arrived(letter(text))
    assert "מדפסת תקועה" in body(mail, "plain")
    assert text.strip() in body(mail, "plain")
    assert 'dir="auto"' in body(mail, "html")


@pytest.mark.parametrize("address", ["", "alice", "@example.com", "alice@", "a@b\r\nBcc: c@d"])
def test_what_is_no_address_is_not_written_to(address: str) -> None:
    with pytest.raises(Unaddressable):
        message(letter(address=address), LETTERHEAD)


def test_a_domain_with_letters_outside_ascii_is_spelled_for_servers() -> None:
    assert arrived(letter(address="alice@münchen.example"))["To"] == "alice@xn--mnchen-3ya.example"


def test_only_an_address_with_such_letters_before_the_at_needs_a_server_that_knows_them() -> None:
    sent = wire(message(letter(address="jürgen@münchen.example"), LETTERHEAD))
    assert "To: jürgen@münchen.example\r\n".encode() in sent


def test_a_message_without_a_letter_is_still_a_mail() -> None:
    mail = arrived(letter(letter=None))
    assert (mail["Subject"], mail["Auto-Submitted"]) == ("Your question", "auto-replied")
    assert arrived(letter(letter=None, author=Author.TECHNICIAN))["Auto-Submitted"] is None
