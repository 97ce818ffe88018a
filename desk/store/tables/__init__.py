"""The tables. Migrations in `desk.migrations` build them; a test proves both agree."""

from desk.store.tables.channel_keep import channel_keep
from desk.store.tables.columns import Moment, metadata
from desk.store.tables.conversations import (
    attachments,
    clock_spans,
    conversations,
    files,
    messages,
    procedure_runs,
    procedure_steps,
)
from desk.store.tables.people import (
    canned_replies,
    categories,
    closed_days,
    customers,
    identities,
    logins,
    opening_hours,
    priorities,
    saved_views,
    team_members,
    teams,
    technicians,
)
from desk.store.tables.search import ticket_documents
from desk.store.tables.tickets import ticket_conversations, ticket_history, ticket_links, tickets
from desk.store.tables.work import (
    alerts,
    channel_states,
    events,
    inbox,
    notices,
    outbox,
    webhook_deliveries,
    webhooks,
)

__all__ = [
    "Moment",
    "alerts",
    "attachments",
    "canned_replies",
    "categories",
    "channel_keep",
    "channel_states",
    "clock_spans",
    "closed_days",
    "conversations",
    "customers",
    "events",
    "files",
    "identities",
    "inbox",
    "logins",
    "messages",
    "metadata",
    "notices",
    "opening_hours",
    "outbox",
    "priorities",
    "procedure_runs",
    "procedure_steps",
    "saved_views",
    "team_members",
    "teams",
    "technicians",
    "ticket_conversations",
    "ticket_documents",
    "ticket_history",
    "ticket_links",
    "tickets",
    "webhook_deliveries",
    "webhooks",
]
