"""Cards in Slack: what one is to show, and what technicians write below it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from desk import conversations
from desk.model.conversation import Conversation, Message
from desk.model.errors import Conflict
from desk.model.letter import Standing, Stranger
from desk.model.run import Run
from desk.model.slack import Card, Claimed, Place, Post, read_place
from desk.model.team import Team
from desk.model.ticket import Ticket
from desk.store import conversations as conversation_store
from desk.store import mail_threads, messages, runs, teams
from desk.store import slack_cards as store
from desk.store import tickets as ticket_store
from desk.store.database import Transaction
from desk.store.slack_cards import Version

OPENING = 10
"""So many messages before the handover open the thread."""
FORGOTTEN_AFTER = timedelta(days=30)
AT_ONCE = 8
"""So many messages are mirrored under one claim; other cards then have their turn."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything a card and its thread are made of."""

    card: Card
    conversation: Conversation
    ticket: Ticket | None
    team: Team | None
    """Whose queue it is in."""
    runs: Sequence[Run]
    opening: Sequence[Message]
    """What was said before the card was made, as far as it opens the thread; empty once it does, unless its sender
    changed some of it."""
    following: Sequence[Message]
    """What the thread does not have yet, the first `AT_ONCE` of it."""
    known: Mapping[int, Post]
    """Of these messages, by number: what was written in Slack itself."""
    moved: Sequence[tuple[Post, Message]]
    """Messages in the thread whose delivery goes otherwise than it says there."""
    edited: Sequence[tuple[Post, Message]]
    """Messages in the thread that their sender changed, or took back, those that open it included."""
    elsewhere: bool
    """Its team has another channel: this card ends here, and a new one begins there."""
    stranger: Stranger | None = None
    """Who began it by a mail in reply to a conversation in which they do not take part, while that is to be decided."""
    answered: str = ""
    """Which ticket that mail answers, as people call it; empty: there is none."""

    @property
    def follows(self) -> bool:
        """Whether the card goes on following the conversation: it is with people, and this is their channel."""
        return not self.conversation.closed and self.conversation.owner.value != "bot" and not self.elsewhere

    @property
    def behind(self) -> bool:
        """Whether more is to be mirrored than was read."""
        return bool(self.following) and self.following[-1].seq < self.conversation.last_seq

    @property
    def version(self) -> Version:
        """What the card is in step with once it shows this."""
        ticket = self.ticket
        return Version(
            self.conversation.revision,
            ticket.id if ticket else None,
            ticket.revision if ticket else None,
            self.conversation.waiting_since,
            self.conversation.updated_at,
        )


def places(tx: Transaction) -> Mapping[str, Place]:
    """Where each team's cards go: its own channel, else the fallback team's; a team without any is not in it."""
    fallback = teams.fallback(tx)
    default = fallback.slack_channel if fallback else None
    channels = {team.key: team.slack_channel or default for team in teams.everyone(tx)}
    return {key: read_place(channel) for key, channel in channels.items() if channel}


def claim(
    tx: Transaction, worker: str, now: datetime, lease: timedelta, paused: Collection[str] = ()
) -> Claimed | None:
    """The next card to bring in step, and, before that, cards for whoever came to people; None: all are in step."""
    wanted = places(tx)
    if wanted:
        fallback = teams.fallback(tx)
        store.begin(tx, wanted, fallback.key if fallback else None, now)
    return store.claim(tx, worker, now, lease, paused)


def look(tx: Transaction, card: Card) -> Picture:
    """What `card` is to show now."""
    conversation = conversation_store.get(tx, card.conversation)
    ticket = ticket_store.get(tx, conversation.ticket) if conversation.ticket else None
    fallback = teams.fallback(tx)
    team = (teams.find(tx, ticket.team) if ticket and ticket.team else None) or fallback
    unseen = messages.after(tx, conversation.id, card.seq, internal=True)
    following = [message for message in unseen if message.seq > card.began][:AT_ONCE]
    wanted = places(tx).get(team.key) if team else None
    stranger = _waiting_stranger(tx, conversation.id)
    edited = [(post, messages.get(tx, post.message)) for post in store.edited(tx, card.id)]
    if any(message.seq <= card.began for _, message in edited):
        before = messages.after(tx, conversation.id, max(card.began - OPENING, 0), internal=True)
    else:
        before = unseen
    return Picture(
        card=card,
        conversation=conversation,
        ticket=ticket,
        team=team,
        runs=[run for run in runs.of_conversation(tx, conversation.id) if run.episode == conversation.episode],
        opening=[message for message in before if message.seq <= card.began][-OPENING:],
        following=following,
        known={post.seq: post for post in store.posts(tx, card.id, card.seq)},
        moved=[(post, messages.get(tx, post.message)) for post in store.moved(tx, card.id)],
        edited=edited,
        elsewhere=wanted is not None and wanted.channel != card.place.channel,
        stranger=stranger,
        answered=_ticket_number(tx, stranger.original) if stranger else "",
    )


def _waiting_stranger(tx: Transaction, conversation: int) -> Stranger | None:
    about = mail_threads.strangers_about(tx, conversation)
    waiting = (one for one in about if one.conversation == conversation and one.standing is Standing.WAITING)
    return next(waiting, None)


def _ticket_number(tx: Transaction, conversation: int) -> str:
    ticket = conversation_store.get(tx, conversation).ticket
    return ticket_store.number_of(ticket) if ticket else ""


def write(tx: Transaction, card: Card, source: str, say: Callable[[Transaction], int], *, ended: bool = False) -> bool:
    """Have `say` do what somebody asked for in Slack by `source`, once; it returns the number of what it says.

    ended: also below a card that follows its conversation no longer.

    Returns False when it had been done before: Slack repeats what it has no answer to.

    Raises:
        Conflict: the card has ended (``over``). Otherwise what `say` raises.
    """
    # The conversation is what repeated deliveries of the same thing wait for.
    conversation_store.get(tx, card.conversation, lock=True)
    if store.by_source(tx, card.id, source) is not None:
        return False
    if not ended and not store.get(tx, card.id).open:
        raise Conflict("write", "over")
    seq = say(tx)
    said = next(m for m in messages.after(tx, card.conversation, seq - 1, internal=True) if m.seq == seq)
    store.wrote(tx, card.id, said.id, seq, source)
    return True


def first_after(tx: Transaction, card: Card, move: Callable[[], object]) -> int:
    """Make `move`, which says something; returns the number of the first that it says."""
    before = conversation_store.get(tx, card.conversation, lock=True).last_seq
    move()
    return before + 1


def forget_old(tx: Transaction, now: datetime) -> int:
    """What was not delivered long after a card ended is no longer waited for there; returns how many messages."""
    return store.forget_old(tx, now - FORGOTTEN_AFTER)


def unseen(tx: Transaction, card: Card, technician: int, seen: int) -> list[Message]:
    """What others said in the conversation above number `seen`, the desk's own announcements left out."""
    view = conversations.view(tx, card.conversation, seen)
    return [m for m in view.messages if m.author.value != "desk" and m.technician != technician]
