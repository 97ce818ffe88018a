"""Webhooks: which programs are told what happens, and whether it arrived. For administrators."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from desk import webhooks
from desk.api.problems import refusals
from desk.api.v1.context import AtDesk, Me
from desk.api.v1.fields import Before, Limit, PathId, Sent, Switch
from desk.api.v1.shapes import Shape
from desk.model.event import EventType
from desk.model.work import WorkState

router = APIRouter(prefix="/webhooks", tags=["webhooks"], responses=refusals(403))
_ONE = refusals(404)

_Url = Annotated[
    str,
    Field(
        max_length=webhooks.MAX_URL,
        pattern=r"^https?://[^\s\x00]+$",
        examples=["https://hooks.example.org/firstline"],
    ),
]
_Events = Annotated[list[EventType], Field(max_length=50, description="Types of events; none means all")]


class WebhookOut(Shape):
    """An address that is told what happens; `failing_since` when nothing gets through any more."""

    id: int
    url: str
    events: list[str]
    active: bool
    created_at: datetime
    failing_since: datetime | None


class WebhookMade(BaseModel):
    """A webhook and its secret, which nothing shows again."""

    webhook: WebhookOut
    secret: str


class NewWebhook(Sent):
    """Where another program wants to be told, and of what."""

    url: _Url
    events: _Events = Field(default_factory=list)


class WebhookPatch(Sent):
    """What is to be changed; what is left out or null stays."""

    url: _Url | None = None
    events: _Events | None = None
    active: Switch | None = None


class Secret(BaseModel):
    """What a webhook's requests are signed with from now on; nothing shows it again."""

    secret: str


class DeliveryOut(Shape):
    """One event on its way to a webhook, or arrived. `status` is that of the receiver's last answer."""

    delivery_id: UUID
    event: int
    type: str
    state: WorkState
    attempts: int
    status: int | None
    error: str | None
    created_at: datetime
    next_at: datetime | None
    settled_at: datetime | None


class DeliveryPage(BaseModel):
    """Some deliveries, the newest first."""

    deliveries: list[DeliveryOut]
    next: int | None
    """Ask with it as `before` for more; null when these were the last."""


@router.get("", summary="All webhooks")
async def list_webhooks(here: AtDesk, me: Me) -> list[WebhookOut]:
    """The oldest first."""
    return [WebhookOut.model_validate(found) for found in await here.read(lambda tx: webhooks.everyone(tx, me))]


@router.post("", status_code=201, summary="Add a webhook")
async def add_webhook(here: AtDesk, me: Me, new: NewWebhook) -> WebhookMade:
    """It is told of what happens from now on. Keep the secret: requests are signed with it."""
    webhook, secret = await here.write(lambda tx, now: webhooks.add(tx, new.url, new.events, me, now))
    return WebhookMade(webhook=WebhookOut.model_validate(webhook), secret=secret)


@router.get("/{webhook}", summary="A webhook", responses=_ONE)
async def get_webhook(here: AtDesk, me: Me, webhook: PathId) -> WebhookOut:
    """Without its secret."""
    return WebhookOut.model_validate(await here.read(lambda tx: webhooks.get(tx, webhook, me)))


@router.patch("/{webhook}", summary="Change a webhook", responses=_ONE)
async def change_webhook(here: AtDesk, me: Me, webhook: PathId, wanted: WebhookPatch) -> WebhookOut:
    """Switched off, what waits for it is given up."""
    changed = await here.write(
        lambda tx, now: webhooks.edit(
            tx, webhook, me, now, url=wanted.url, event_types=wanted.events, active=wanted.active
        )
    )
    return WebhookOut.model_validate(changed)


@router.delete("/{webhook}", status_code=204, summary="Remove a webhook", responses=_ONE)
async def remove_webhook(here: AtDesk, me: Me, webhook: PathId) -> None:
    """And its log of deliveries."""
    await here.write(lambda tx, _: webhooks.remove(tx, webhook, me))


@router.post("/{webhook}/secret", summary="Change the secret", responses=_ONE)
async def rotate_secret(here: AtDesk, me: Me, webhook: PathId) -> Secret:
    """The new one signs from now on."""
    return Secret(secret=await here.write(lambda tx, _: webhooks.rotate(tx, webhook, me)))


@router.post("/{webhook}/ping", status_code=202, summary="Try a webhook out", responses=refusals(404, 409))
async def ping_webhook(here: AtDesk, me: Me, webhook: PathId) -> DeliveryOut:
    """Sends it an event that says nothing."""
    return DeliveryOut.model_validate(await here.write(lambda tx, now: webhooks.ping(tx, webhook, me, now)))


@router.get("/{webhook}/deliveries", summary="What was sent", responses=_ONE)
async def list_deliveries(
    here: AtDesk, me: Me, webhook: PathId, before: Before = None, limit: Limit = 50
) -> DeliveryPage:
    """The log of the last 30 days, the newest first."""
    page = await here.read(lambda tx: webhooks.deliveries(tx, webhook, me, before=before, limit=limit))
    return DeliveryPage(deliveries=[DeliveryOut.model_validate(item) for item in page.items], next=page.following)


@router.post(
    "/{webhook}/deliveries/{delivery_id}/send-again",
    status_code=202,
    summary="Send it again",
    responses=refusals(404, 409),
)
async def send_again(here: AtDesk, me: Me, webhook: PathId, delivery_id: UUID) -> DeliveryOut:
    """Under its old id, whether it had arrived or not."""
    again = await here.write(lambda tx, now: webhooks.send_again(tx, webhook, str(delivery_id), me, now))
    return DeliveryOut.model_validate(again)
