"""What the desk makes of a mail.

mail ─► seen before? ─► the same message
     ─► sent from our own address by hand ─► a note in its conversation; refused where there is none
     ─► a machine's ─► recorded where it belongs: nobody answers, nothing opens again, no clock runs
     ─► a person's ─► its conversation (`desk.mail_routing`) ─► takes part ─► the customer's message, to be answered
                                                             └► does not  ─► a case of its own, for a technician
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from channels.contract import Accepted, Author, Owner, Rejected, RejectReason
from desk import (
    attachments,
    bounces,
    clocks,
    handover,
    mail_routing,
    outbox,
    ownership,
    participants,
    texts,
)
from desk.gratitude import only_thanks
from desk.mail_routing import MOST_REFERENCES, Found
from desk.model.conversation import Conversation, Reason, Route
from desk.model.letter import (
    QUIET,
    Decision,
    Rule,
    Standing,
    Thread,
    Verdict,
    another_subject,
    bare_subject,
    might_be_machine,
    vouched,
)
from desk.storable_mail import Mail
from desk.store import conversations, customers, documents, identities, mail_threads, messages, runs, tickets, work
from desk.store import letters as store
from desk.store.database import Transaction
from desk.store.tables import inbox

_AUTOMATIC = "automatic"
"""The thread in which is kept what a machine sends that belongs nowhere."""


_FEW_WORDS = 6


def accept(tx: Transaction, mail: Mail, now: datetime) -> Accepted:
    """Store a mail, and queue it to be answered where somebody should. What is known already is not stored again.

    mail: as `desk.storable_mail.read` makes it; of a long one that takes a second or two, and no transaction waits.

    Raises:
        Rejected: MALFORMED, it is our own, or comes from our own address and belongs to no conversation.
    """
    if mail.decision.verdict is Verdict.REJECT:
        raise Rejected(RejectReason.MALFORMED)
    references = mail.letter.references[:MOST_REFERENCES]
    store.hold(tx, (mail.key, *references, f"from {mail.address}"))
    known = store.known(tx, mail.key)
    if known is not None and known.message is not None:
        if known.fingerprint in {None, mail.fingerprint} or _says_the_same(tx, known.message, mail):
            return _again(tx, known.message)
        # Another mail that bears the same Message-ID: it must not be lost.
        mail = replace(mail, key=f"{store.key(mail.key)[:200]}#{mail.fingerprint[:32]}")
        copy = store.known(tx, mail.key)
        if copy is not None and copy.message is not None:
            return _again(tx, copy.message)
    found = mail_routing.find(tx, mail.letter, mail.address, known)
    if mail.decision.verdict is Verdict.NOTE:
        return _by_hand(tx, mail, found, now)
    decision = _too_often(tx, mail, found, now)
    if decision.verdict is Verdict.RECORD:
        return _record(tx, replace(mail, decision=decision), found, now)
    if found is not None and not mail_threads.takes_part(tx, found.conversation, mail.address):
        stranger = mail_threads.stranger_at(tx, found.conversation, mail.address)
        if stranger is None or stranger.standing is not Standing.APART:
            return _from_stranger(tx, mail, found, stranger.conversation if stranger else None, now)
        found = replace(found, conversation=stranger.conversation)
    return _said(tx, mail, found, now)


def _says_the_same(tx: Transaction, message: int, mail: Mail) -> bool:
    """Whether the mail of `message` is this one, but for what a list or a relay put below it on one of two ways."""
    stored, kept = messages.get(tx, message), store.of_messages(tx, [message]).get(message)
    if kept is None or (kept.sender.address, len(stored.attachments)) != (mail.address, mail.files):
        return False
    return stored.text == mail.text and bare_subject(kept.subject) == bare_subject(mail.letter.subject)


def _again(tx: Transaction, message: int) -> Accepted:
    stored = messages.get(tx, message)
    return Accepted(stored.conversation, stored.seq, duplicate=True)


def _too_often(tx: Transaction, mail: Mail, found: Found | None, now: datetime) -> Decision:
    """What might be a machine is answered once an hour, and whoever sends the same again might be one.

    By the desk and the assistant, that is: where people answer, no machine does.
    """
    people = found is not None and conversations.get(tx, found.conversation).owner is not Owner.BOT
    if mail.decision.verdict is Verdict.ACCEPT and mail.address and not people:
        # People who do not quote answer several questions by the same few words; programs write more.
        few = found is not None and len(mail.text.split()) <= _FEW_WORDS
        repeated = store.wrote_since(tx, mail.address, now - QUIET, mail.fingerprint, began=few)
        if repeated or (might_be_machine(mail.address) and store.wrote_since(tx, mail.address, now - QUIET)):
            return Decision(Verdict.RECORD, "may be a machine, and has written within the hour")
    return mail.decision


def _record(tx: Transaction, mail: Mail, found: Found | None, now: datetime) -> Accepted:
    """A machine's mail: a note where it belongs, else in a closed conversation with what else that machine sent."""
    if found is None:
        conversation = _begin(tx, mail, _AUTOMATIC, now)
        if not conversation.closed:
            conversations.change(tx, conversation.id, closed=True)
        found = Found(conversation.id, Rule.SENDER)
        if mail_threads.find(tx, conversation.id) is None:
            mail_threads.keep(tx, replace(_thread(mail, conversation), automatic=True))
    conversation = conversations.get(tx, found.conversation, lock=True)
    message, seq = _store(tx, mail, conversation, found.rule, now, internal=True)
    bounces.heed(tx, conversation, mail.letter, message, now)
    return Accepted(conversation.id, seq, duplicate=False)


def _by_hand(tx: Transaction, mail: Mail, found: Found | None, now: datetime) -> Accepted:
    """What a colleague sent with a mail program: technicians shall know of it, and nobody answers it."""
    if found is None:
        raise Rejected(RejectReason.MALFORMED)
    conversation = conversations.get(tx, found.conversation, lock=True)
    _, seq = _store(tx, mail, conversation, found.rule, now, internal=True)
    return Accepted(conversation.id, seq, duplicate=False)


def _said(tx: Transaction, mail: Mail, found: Found | None, now: datetime) -> Accepted:
    """A mail of the customer's, or of somebody else who takes part."""
    if found is None:
        conversation = _begin(tx, mail, sha256(mail.key.encode()).hexdigest()[:32], now)
        clocks.follow(tx, conversation.id, now)
        rule = Rule.NEW
    else:
        conversation, rule = conversations.get(tx, found.conversation, lock=True), found.rule
    thread = _follow(tx, mail, conversation, rule)
    new_subject = rule is not Rule.NEW and another_subject(mail.letter.subject, thread.subject)
    message, seq = _store(tx, mail, conversation, rule, now, new_subject=new_subject)
    if not _doubtful(mail, rule):
        participants.join(tx, conversation.id, mail.letter, now)
    if mail.unreadable is not None or not mail.address:
        _to_people(tx, mail, conversation, message, Reason.UNREADABLE, now)
    elif not (_nothing_is_open(tx, conversation, rule) and _only_thanks(tx, mail, conversation)):
        work.put(tx, inbox, conversation.id, message, seq, now)
    return Accepted(conversation.id, seq, duplicate=False)


def _nothing_is_open(tx: Transaction, conversation: Conversation, rule: Rule) -> bool:
    """It is closed, or with the assistant, which has said what it had to and waits for no answer."""
    if conversation.closed:
        return True
    state = runs.state_of(tx, conversation.id)
    return conversation.owner is Owner.BOT and rule is not Rule.NEW and not (state and state.get("stack"))


def _only_thanks(tx: Transaction, mail: Mail, conversation: Conversation) -> bool:
    """Gratitude opens nothing: it is shown, and nobody has to do anything."""
    ticket = tickets.get(tx, conversation.ticket) if conversation.ticket else None
    sender = mail.letter.sender
    names = (conversation.customer_name, sender.name if sender else None, ticket.assignee_name if ticket else None)
    return not mail.files and only_thanks(mail.text, " ".join(name for name in names if name))


def _doubtful(mail: Mail, rule: Rule) -> bool:
    """Whether the sender may be somebody else: anybody can write any sender, and guess a ticket's number."""
    authentication = mail.letter.authentication
    if authentication is not None and authentication.spoofed:
        return True
    return rule is Rule.TICKET_NUMBER and not vouched(authentication)


def _from_stranger(tx: Transaction, mail: Mail, found: Found, linked: int | None, now: datetime) -> Accepted:
    """Somebody wrote in reply to a conversation they do not take part in: a technician decides what it is."""
    if linked is None:
        conversation = _begin(tx, mail, sha256(mail.key.encode()).hexdigest()[:32], now)
        clocks.follow(tx, conversation.id, now)
        mail_threads.add_stranger(tx, conversation.id, found.conversation, mail.address, now)
    else:
        conversation = conversations.get(tx, linked, lock=True)
        mail_threads.decide(tx, linked, Standing.WAITING, None, now)
    _follow(tx, mail, conversation, found.rule)
    message, seq = _store(tx, mail, conversation, found.rule, now)
    if conversation.owner is Owner.BOT:
        _to_people(tx, mail, conversation, message, Reason.UNKNOWN_SENDER, now)
        participants.relate(tx, conversation.id, found.conversation, now)
    else:
        work.put(tx, inbox, conversation.id, message, seq, now)
    return Accepted(conversation.id, seq, duplicate=False)


def _to_people(
    tx: Transaction, mail: Mail, conversation: Conversation, message: int, reason: Reason, now: datetime
) -> None:
    """The assistant does not answer it: the queue, with an honest receipt; one an hour is enough."""
    if conversation.owner is not Owner.BOT:
        work.put(tx, inbox, conversation.id, message, messages.get(tx, message).seq, now)
        return
    if conversation.closed:
        conversation = ownership.begin_again(tx, conversation, now)
    speaking = replace(conversation, language=conversation.language or mail.incoming.language)
    ticket = handover.hand_over(tx, speaking, reason, str(message), now)
    if speaking.reachable and not store.wrote_since(tx, mail.address, now - QUIET, besides=message):
        expected = handover.expectation(tx, replace(speaking, waiting_since=now), ticket, now)
        said = texts.sentence("mail_received", speaking.language, ticket=ticket.number, expectation=expected)
        outbox.say(tx, speaking, Author.DESK, said, now)


def _begin(tx: Transaction, mail: Mail, thread: str, now: datetime) -> Conversation:
    """The conversation of `thread` with the sender, locked; made unless it is there."""
    incoming, sender = mail.incoming, mail.letter.sender
    name = (sender.name if sender else None) or incoming.name
    where = (incoming.channel, mail.address, thread)
    found = conversations.find(tx, *where, lock=True)
    if found is not None:
        return found
    if mail.address:
        customer = customers.identify(
            tx, incoming.channel, mail.address, name=name, language=incoming.language, now=now
        )
    else:
        customer = customers.requester(tx, name or "", None, now)
    conversations.create(tx, customer, *where, incoming.language, now)
    created = conversations.find(tx, *where, lock=True)
    assert created is not None  # by this transaction, or by one this one waited for
    return created


def _thread(mail: Mail, conversation: Conversation) -> Thread:
    began = conversation.origin or conversation.route
    here = began.channel == mail.incoming.channel
    return Thread(
        conversation=conversation.id,
        channel=mail.incoming.channel,
        address=began.address if here else mail.address,
        thread=began.thread if here else "",
        subject=bare_subject(mail.letter.subject),
        mailbox=mail.letter.mailbox,
        reply_to=None,
        automatic=False,
    )


def _follow(tx: Transaction, mail: Mail, conversation: Conversation, rule: Rule) -> Thread:
    """Keep where its mails go: to the customer, whoever of those who take part wrote, from the mailbox they know."""
    before = mail_threads.find(tx, conversation.id)
    thread = before or _thread(mail, conversation)
    if thread.automatic:
        thread = replace(thread, automatic=False, subject=bare_subject(mail.letter.subject))
    if mail.address == thread.address and not _doubtful(mail, rule):
        thread = replace(thread, mailbox=mail.letter.mailbox or thread.mailbox, reply_to=_answers_to(mail))
    if thread != before:
        mail_threads.keep(tx, thread)
    route = Route(thread.channel, thread.address, thread.thread)
    if conversation.route != route:
        conversations.answer_at(tx, conversation.id, route)
    identities.reachable(tx, mail.incoming.channel, mail.address)
    return thread


def _answers_to(mail: Mail) -> str | None:
    """Reply-To, where it is believed: whoever writes somebody else's name as the sender must not get their answers."""
    wanted = mail.letter.reply_to
    if wanted is None or not wanted.address or wanted.address == mail.address:
        return None
    same_house = wanted.address.rpartition("@")[2] == mail.address.rpartition("@")[2]
    return wanted.address if same_house or vouched(mail.letter.authentication) else None


def _store(
    tx: Transaction,
    mail: Mail,
    conversation: Conversation,
    rule: Rule,
    now: datetime,
    *,
    internal: bool = False,
    new_subject: bool = False,
) -> tuple[int, int]:
    """The message, its files, the mail itself and its Message-ID: all of them or nothing."""
    letter, incoming = mail.letter, mail.incoming
    message, seq = messages.append(
        tx,
        conversation.id,
        Author.DESK if mail.decision.verdict is Verdict.NOTE else Author.CUSTOMER,
        mail.text,
        now,
        internal=internal,
        came_by=_way(mail, conversation),
        language=incoming.language,
        external_id=_external_id(tx, mail, conversation),
        attachments=mail.files,
    )
    attachments.receive(tx, message, incoming, now)
    source = store.keep_source(tx, letter.source, now) if letter.source else None
    columns = mail.columns()
    store.add(tx, message, rule=rule.value, new_subject=new_subject, source_sha256=source, received_at=now, **columns)
    if conversation.ticket is not None:
        documents.append(tx, conversation.ticket, f"{letter.subject}\n{letter.full_text}")
    store.remember(tx, mail.key, conversation.id, message, mail.fingerprint, now)
    if rule is Rule.NEW and letter.automatic is None:
        for one in letter.references[:MOST_REFERENCES]:
            # In case that the mail it answers comes later than the answer.
            store.remember(tx, one, conversation.id, None, None, now)
    return message, seq


def _way(mail: Mail, conversation: Conversation) -> Route | None:
    """Which way it came, where its conversation did not begin by mail."""
    began = conversation.origin or conversation.route
    channel = mail.incoming.channel
    return None if began.channel == channel else Route(channel, mail.address)


def _external_id(tx: Transaction, mail: Mail, conversation: Conversation) -> str:
    given = mail.incoming.external_id[:200]
    taken = messages.with_external_id(tx, conversation.id, given) is not None
    return f"{given[:160]}#{mail.fingerprint[:32]}" if taken else given
