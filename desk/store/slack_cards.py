"""Cards in Slack: which are out of step with the record, who brings them in step, and what their threads show.

What is to be done is no queue but a difference: a card remembers how its conversation was when it was last brought in
step, and whatever is otherwise now is to be shown. Nothing has to be told to it, so nothing can be forgotten.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, case, exists, func, insert, or_, select, update

from channels.contract import Owner
from desk.model.conversation import Message, Reason
from desk.model.errors import NotFound
from desk.model.slack import Card, Claimed, Place, Post
from desk.model.work import WorkState
from desk.store import dialects
from desk.store.database import Transaction
from desk.store.tables import conversations, messages, outbox, slack_cards, slack_posts, tickets

_BY_THEMSELVES = (Reason.TAKEN.value, Reason.FILED.value)
"""A technician stepped in, or filed it: nobody else was called."""
_PEOPLE = (Owner.QUEUE.value, Owner.TECHNICIAN.value)
_UNSETTLED = tuple(state.value for state in (WorkState.PENDING, WorkState.FAILED, WorkState.UNKNOWN))
_BEGIN_AT_ONCE = 20
"""Cards made in one transaction."""


@dataclass(frozen=True, slots=True)
class Version:
    """What a card was last brought in step with."""

    revision: int
    ticket: int | None
    ticket_revision: int | None
    waiting_since: datetime | None
    updated_at: datetime


def _read(row: Row[Any]) -> Card:
    return Card(
        id=row.id,
        conversation=row.conversation_id,
        place=Place(row.channel, row.workspace),
        ts=row.ts,
        open=row.open,
        began=row.began,
        seq=row.seq,
        shown=row.shown,
        state=row.state,
        created_at=row.created_at,
    )


def _post(row: Row[Any]) -> Post:
    return Post(row.message_id, row.seq, row.ts, row.source, row.delivery)


def begin(tx: Transaction, places: Mapping[str, Place], fallback: str | None, now: datetime) -> None:
    """Make a card for each conversation that came to people and has none that follows it.

    places: where the cards of each team go. fallback: the team that gets what no team is named for.
    """
    own, cards = conversations.c, slack_cards.c
    team = func.coalesce(tickets.c.team, fallback)
    called = or_(
        own.owner == Owner.QUEUE.value,
        and_(own.owner == Owner.TECHNICIAN.value, own.reason.not_in(_BY_THEMSELVES)),
    )
    query = (
        select(own.id, own.last_seq, team.label("team"))
        .outerjoin(tickets, tickets.c.id == own.ticket_id)
        .where(
            own.closed.is_(False),
            own.owner.in_((Owner.QUEUE.value, Owner.TECHNICIAN.value)),
            called,
            team.in_(list(places)),
        )
        .where(~exists().where(cards.conversation_id == own.id, cards.open))
        .order_by(own.waiting_since, own.id)
        .limit(_BEGIN_AT_ONCE)
    )
    for row in tx.connection.execute(query).all():
        place = places[row.team]
        made = dialects.insert(tx, slack_cards).values(
            conversation_id=row.id,
            workspace=place.workspace,
            channel=place.channel,
            began=row.last_seq,
            available_at=now,
            created_at=now,
        )
        # Another process may have made it at this moment.
        tx.connection.execute(made.on_conflict_do_nothing())


def _changed() -> ColumnElement[bool]:
    """The conversation or its ticket is otherwise than the card shows them."""
    cards, own = slack_cards.c, conversations.c
    return or_(
        cards.ts.is_(None),
        cards.seq < own.last_seq,
        cards.revision.is_distinct_from(own.revision),
        cards.ticket_id.is_distinct_from(own.ticket_id),
        cards.ticket_revision.is_distinct_from(tickets.c.revision),
        cards.waiting_since.is_distinct_from(own.waiting_since),
        # Of what is left, that a message was changed.
        cards.updated_at.is_distinct_from(own.updated_at),
    )


def _delivery() -> ColumnElement[str]:
    """For people a message that is just being sent is one that waits."""
    return case((outbox.c.state == WorkState.CLAIMED.value, WorkState.PENDING.value), else_=outbox.c.state)


def _unsettled() -> ColumnElement[bool]:
    # Written into the SQL as literals: the partial index serves only queries that name the states themselves.
    states: Any = bindparam("unsettled", _UNSETTLED, expanding=True, literal_execute=True)
    return slack_posts.c.delivery.in_(states)


def _moved() -> Select[Any]:
    """Posts that say something else about a delivery than the outbox."""
    posts = slack_posts.c
    query = select(slack_posts).join(outbox, outbox.c.item == posts.message_id)
    return query.where(_unsettled(), posts.ts.is_not(None), posts.delivery != _delivery())


def claim(
    tx: Transaction, worker: str, now: datetime, lease: timedelta, paused: Collection[str] = ()
) -> Claimed | None:
    """A card that is out of step, for this worker alone until the lease ends; None when all are in step.

    paused: channels that Slack wants left alone for a while.
    """
    cards = slack_cards.c
    free = [cards.available_at <= now, or_(cards.lease_until.is_(None), cards.lease_until < now)]
    if paused:
        free.append(cards.channel.not_in(list(paused)))
    changed = (
        select(slack_cards)
        .join(conversations, conversations.c.id == cards.conversation_id)
        .outerjoin(tickets, tickets.c.id == conversations.c.ticket_id)
        .where(cards.open, _changed())
    )
    # Also of cards that have ended: whether the last reply arrived is what one wants to know.
    moved = select(slack_cards).where(cards.id.in_(_moved().with_only_columns(slack_posts.c.card_id)))
    for query in (changed, moved):
        query = query.where(*free).order_by(cards.available_at, cards.id).limit(1)
        row = tx.connection.execute(query.with_for_update(skip_locked=True, of=slack_cards)).one_or_none()
        if row is not None:
            _set(tx, row.id, worker=worker, lease_until=now + lease, attempts=row.attempts + 1, unsure=True)
            return Claimed(_read(row), worker, row.attempts + 1, row.unsure)
    return None


def _set(tx: Transaction, card: int, **values: object) -> None:
    tx.connection.execute(update(slack_cards).where(slack_cards.c.id == card).values(**values))


def note(tx: Transaction, claimed: Claimed, **values: object) -> bool:
    """Set columns of a claimed card. False when the lease had run out: the card is no longer this worker's."""
    held = (
        slack_cards.c.id == claimed.card.id,
        slack_cards.c.worker == claimed.worker,
        slack_cards.c.attempts == claimed.attempts,
    )
    return tx.connection.execute(update(slack_cards).where(*held).values(**values)).rowcount == 1


def in_step(tx: Transaction, claimed: Claimed, version: Version, *, follows: bool) -> bool:
    """The card shows `version`. Unless it `follows`, it stays as it is from now on. False as in `note`."""
    return note(
        tx,
        claimed,
        revision=version.revision,
        ticket_id=version.ticket,
        ticket_revision=version.ticket_revision,
        waiting_since=version.waiting_since,
        updated_at=version.updated_at,
        open=follows,
        attempts=0,
        lease_until=None,
        worker=None,
        unsure=False,
        error=None,
    )


def abandon(tx: Transaction, claimed: Claimed, version: Version) -> None:
    """The card has ended, and nothing more can be shown where it stands: no delivery is waited for there either."""
    if in_step(tx, claimed, version, follows=False):
        waiting = update(slack_posts).where(_unsettled(), slack_posts.c.card_id == claimed.card.id)
        tx.connection.execute(waiting.values(delivery=None))


def put_back(
    tx: Transaction, claimed: Claimed, available_at: datetime, *, unsure: bool = False, error: str | None = None
) -> bool:
    """Give a claim back, to be taken up again from `available_at` on. False as in `note`."""
    values: dict[str, object] = {"lease_until": None, "worker": None, "unsure": unsure, "error": error}
    if error is None:
        values["attempts"] = 0
    return note(tx, claimed, available_at=available_at, **values)


def get(tx: Transaction, card: int) -> Card:
    """One card.

    Raises:
        NotFound: there is no such card.
    """
    row = tx.connection.execute(select(slack_cards).where(slack_cards.c.id == card)).one_or_none()
    if row is None:
        raise NotFound("card", card)
    return _read(row)


def by_ts(tx: Transaction, channel: str, ts: str) -> Card | None:
    """The card that Slack calls `ts`, if that message is one."""
    query = select(slack_cards).where(slack_cards.c.channel == channel, slack_cards.c.ts == ts)
    row = tx.connection.execute(query).one_or_none()
    return _read(row) if row else None


def known(tx: Transaction, channel: str) -> bool:
    """Whether cards follow conversations in a channel."""
    found = exists().where(slack_cards.c.channel == channel, slack_cards.c.open)
    return bool(tx.connection.execute(select(found)).scalar())


def posts(tx: Transaction, card: int, after: int) -> Sequence[Post]:
    """What is known of the thread's messages with a number above `after`."""
    query = select(slack_posts).where(slack_posts.c.card_id == card, slack_posts.c.seq > after)
    return [_post(row) for row in tx.connection.execute(query)]


def moved(tx: Transaction, card: int) -> Sequence[Post]:
    """Posts that say something else about a delivery than what is true now, in order."""
    query = _moved().where(slack_posts.c.card_id == card).order_by(slack_posts.c.seq)
    return [_post(row) for row in tx.connection.execute(query)]


def edited(tx: Transaction, card: int) -> Sequence[Post]:
    """Posts of messages that were changed since, or taken back, in order."""
    posts = slack_posts.c
    query = select(slack_posts).join(messages, messages.c.id == posts.message_id)
    query = query.where(posts.card_id == card, posts.ts.is_not(None))
    query = query.where(posts.edited_at.is_distinct_from(messages.c.edited_at))
    return [_post(row) for row in tx.connection.execute(query.order_by(posts.seq))]


def forget_old(tx: Transaction, before: datetime) -> int:
    """Deliveries that were not settled are looked at no longer, of cards that ended and were made before."""
    old = select(slack_cards.c.id).where(slack_cards.c.open.is_(False), slack_cards.c.created_at < before)
    query = update(slack_posts).where(_unsettled(), slack_posts.c.card_id.in_(old))
    return int(tx.connection.execute(query.values(delivery=None)).rowcount)


def by_source(tx: Transaction, card: int, source: str) -> Post | None:
    """What somebody wrote in Slack by `source`, if it was taken in."""
    query = select(slack_posts).where(slack_posts.c.card_id == card, slack_posts.c.source == source)
    row = tx.connection.execute(query).one_or_none()
    return _post(row) if row else None


def wrote(tx: Transaction, card: int, message: int, seq: int, source: str) -> None:
    """A message was written in Slack, by `source`."""
    tx.connection.execute(insert(slack_posts), {"card_id": card, "message_id": message, "seq": seq, "source": source})


def mirrored(tx: Transaction, card: int, message: Message, ts: str, delivery: str | None) -> None:
    """A message stands in the thread as it is now, as Slack's message `ts`."""
    values = {"ts": ts, "delivery": delivery, "edited_at": message.edited_at}
    added = dialects.insert(tx, slack_posts).values(card_id=card, message_id=message.id, seq=message.seq, **values)
    tx.connection.execute(added.on_conflict_do_update(index_elements=["card_id", "message_id"], set_=values))
