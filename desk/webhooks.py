"""Webhooks: other programs are told what happens at the desk, signed, in order, again and again until they have it.

A change and its event are one transaction, in which each webhook that wants the event gets a row of work. The worker
claims rows as for the outbox, one at a time for each webhook. A webhook where nothing arrives for days is switched off.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

from desk.model.errors import Conflict, Invalid
from desk.model.event import SUBSCRIBED, EventType
from desk.model.page import Page
from desk.model.technician import Permission, Technician, require
from desk.model.webhook import Delivery, Failure, Sending, Webhook
from desk.model.work import STUMBLES, BackOff, Claim, WorkState
from desk.store import events, webhooks, work
from desk.store.database import Transaction
from desk.store.tables import webhook_deliveries

MAX_URL = 2000
BACK_OFF = BackOff(first=timedelta(seconds=1), longest=timedelta(hours=1), attempts=16)
"""A receiver may be away for four hours and misses nothing."""
GIVE_UP_AFTER = timedelta(days=3)
"""A webhook for which nothing got through for so long is switched off."""
KEPT = timedelta(days=30)
"""How long the log of deliveries goes back."""
MAX_ERROR = 1000
"""Characters kept of what a receiver says."""
SWITCHED_OFF = "switched_off"
"""The error of a delivery that was given up since its webhook is off."""


def everyone(tx: Transaction, technician: Technician) -> Sequence[Webhook]:
    """All webhooks.

    Raises:
        NotAllowed: only administrators may see them.
    """
    require(technician, Permission.ADMINISTER)
    return webhooks.everyone(tx)


def get(tx: Transaction, webhook: int, technician: Technician) -> Webhook:
    """One webhook.

    Raises:
        NotAllowed, NotFound: as everywhere here.
    """
    require(technician, Permission.ADMINISTER)
    return webhooks.get(tx, webhook)


def add(
    tx: Transaction, url: str, event_types: Sequence[str], technician: Technician, now: datetime
) -> tuple[Webhook, str]:
    """Add a webhook for these types of events (none means all); returns it and its secret, which is shown only once.

    Raises:
        Invalid: the address is not one, or there is no such type of event.
        NotAllowed: only administrators may.
    """
    require(technician, Permission.ADMINISTER)
    secret = _new_secret()
    return webhooks.add(tx, _checked_url(url), _checked_types(event_types), secret, now), secret


def edit(
    tx: Transaction,
    webhook: int,
    technician: Technician,
    now: datetime,
    *,
    url: str | None = None,
    event_types: Sequence[str] | None = None,
    active: bool | None = None,
) -> Webhook:
    """Change a webhook; None leaves a value. Switched off, what waits for it is given up.

    Raises:
        Invalid, NotAllowed, NotFound: as everywhere here.
    """
    require(technician, Permission.ADMINISTER)
    present = webhooks.get(tx, webhook, lock=True)
    values: dict[str, object] = {}
    if url is not None:
        values["url"] = _checked_url(url)
    if event_types is not None:
        values["events"] = _checked_types(event_types)
    if active is not None and active is not present.active:
        values |= {"active": active, "failing_since": None}
    if values:
        webhooks.change(tx, webhook, **values)
    if active is False:
        webhooks.give_up_waiting(tx, webhook, SWITCHED_OFF, now)
    return webhooks.get(tx, webhook)


def rotate(tx: Transaction, webhook: int, technician: Technician) -> str:
    """Give a webhook a new secret, which signs from now on; returns it, and nothing shows it again.

    Raises:
        NotAllowed, NotFound: as everywhere here.
    """
    get(tx, webhook, technician)
    secret = _new_secret()
    webhooks.change(tx, webhook, secret=secret)
    return secret


def remove(tx: Transaction, webhook: int, technician: Technician) -> None:
    """Forget a webhook and its log.

    Raises:
        NotAllowed, NotFound: as everywhere here.
    """
    require(technician, Permission.ADMINISTER)
    webhooks.get(tx, webhook, lock=True)
    webhooks.remove(tx, webhook)


def ping(tx: Transaction, webhook: int, technician: Technician, now: datetime) -> Delivery:
    """Send an event that says nothing, to see whether it arrives.

    Raises:
        Conflict: the webhook is switched off.
        NotAllowed, NotFound: as everywhere here.
    """
    present = get(tx, webhook, technician)
    _require_active(present, "ping")
    event = events.add(tx, EventType.PING, {"webhook": webhook}, now)
    events.send(tx, event, [webhook], now)
    return webhooks.deliveries(tx, webhook, limit=1).items[0]


def deliveries(
    tx: Transaction, webhook: int, technician: Technician, *, before: int | None = None, limit: int = 50
) -> Page[Delivery]:
    """The log of a webhook, the newest first.

    Raises:
        NotAllowed, NotFound: as everywhere here.
    """
    get(tx, webhook, technician)
    return webhooks.deliveries(tx, webhook, before=before, limit=limit)


def send_again(tx: Transaction, webhook: int, delivery_id: str, technician: Technician, now: datetime) -> Delivery:
    """Send a delivery once more, whether it had arrived or not, under the same id.

    Raises:
        Conflict: it is being tried anyway, or the webhook is switched off.
        NotAllowed, NotFound: as everywhere here.
    """
    _require_active(get(tx, webhook, technician), "send again")
    found = webhooks.delivery(tx, webhook, delivery_id)
    if not webhooks.send_again(tx, found.id, now):
        raise Conflict("send again", found.state.value)
    return webhooks.delivery(tx, webhook, delivery_id)


def _require_active(webhook: Webhook, move: str) -> None:
    if not webhook.active:
        raise Conflict(move, SWITCHED_OFF)


def claim(tx: Transaction, worker: str, now: datetime, lease: timedelta) -> Sending | None:
    """Claim the next delivery; None when there is nothing to do now.

    Raises:
        Stumbled: what is to be sent cannot be read.
    """
    while (claimed := work.claim(tx, webhook_deliveries, worker, now, lease)) is not None:
        with work.looking_into(claimed):
            webhook = webhooks.get(tx, claimed.lane)
            if webhook.active:
                event, secret = events.get(tx, claimed.item), webhooks.secret(tx, webhook.id)
                return Sending(claimed, webhooks.delivery_id(tx, claimed.id), event, webhook.url, secret)
        # It was being tried when the webhook was switched off, and would be tried again.
        work.settle(tx, webhook_deliveries, claimed, WorkState.FAILED, now, error=SWITCHED_OFF)
    return None


def pass_over(tx: Transaction, claimed: Claim, now: datetime, error: str) -> None:
    """Others go before a delivery over which a claim `Stumbled`; tried often enough, it is given up."""
    work.pass_over(tx, webhook_deliveries, claimed, now, error)
    if STUMBLES.after(claimed.attempts) is None:
        work.abandon(tx, webhook_deliveries, claimed, now, error)


def put_back(tx: Transaction, claimed: Claim, now: datetime) -> None:
    """Give a claim back unsent: it is free at once, for whoever claims it next."""
    work.retry(tx, webhook_deliveries, claimed, now)


def delivered(tx: Transaction, claimed: Claim, status: int, now: datetime) -> bool:
    """The receiver has it. False when the claim had run out: it is sent once more, under the same id."""
    webhooks.change(tx, claimed.lane, failing_since=None)
    return work.settle(tx, webhook_deliveries, claimed, WorkState.DONE, now, status=status)


def failed(tx: Transaction, claimed: Claim, failure: Failure, now: datetime, back_off: BackOff = BACK_OFF) -> WorkState:
    """The receiver did not take it: try again later, or give up, and after days without success switch the webhook off.

    Returns the delivery's new state.
    """
    webhook = webhooks.get(tx, claimed.lane, lock=True)
    since = webhook.failing_since or now
    detail = failure.detail[:MAX_ERROR]
    pause = None if failure.gone else back_off.after(claimed.attempts)
    if webhook.failing_since is None:
        webhooks.change(tx, webhook.id, failing_since=now)
    if pause is not None:
        asked = timedelta(seconds=failure.retry_after or 0)
        again_at = now + min(max(pause, asked), back_off.longest)
        work.retry(tx, webhook_deliveries, claimed, again_at, detail, status=failure.status)
        return WorkState.PENDING
    work.settle(tx, webhook_deliveries, claimed, WorkState.FAILED, now, detail, status=failure.status)
    if failure.gone or now - since >= GIVE_UP_AFTER:
        webhooks.change(tx, webhook.id, active=False)
        webhooks.give_up_waiting(tx, webhook.id, SWITCHED_OFF, now)
    return WorkState.FAILED


def forget_old(tx: Transaction, now: datetime) -> int:
    """Shorten the logs of deliveries; returns how many were forgotten. Some stay when there are very many."""
    return webhooks.forget_settled(tx, now - KEPT)


def _new_secret() -> str:
    return "whsec_" + secrets.token_urlsafe(32)


def _checked_url(url: str) -> str:
    """Raises `Invalid` unless `url` is an address that can be posted to. What it resolves to is checked at sending."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Invalid("url", "malformed") from None
    plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= MAX_URL
    if not plain or parts.scheme not in {"http", "https"} or not _is_host(parts.hostname) or port == 0:
        raise Invalid("url", "malformed")
    if parts.username is not None or parts.fragment:
        raise Invalid("url", "malformed")
    return url


def _is_host(host: str | None) -> bool:
    if not host or len(host) > 253:
        return False
    try:
        ip_address(host)
    except ValueError:
        labels = host.removesuffix(".").split(".")
        # 127.1 and 2130706433 are addresses to the system, though not in a form that can be checked.
        return not labels[-1].isdigit() and all(
            0 < len(label) <= 63 and set(label) <= _HOST_CHARACTERS for label in labels
        )
    return True


_HOST_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_")


def _checked_types(event_types: Sequence[str]) -> list[str]:
    if not set(event_types) <= set(SUBSCRIBED):
        raise Invalid("events", "unknown")
    return sorted({str(event_type) for event_type in event_types})
