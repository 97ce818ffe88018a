"""Finding tickets: every filter, every place that words stand in, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from channels.contract import Author
from desk import conversations, merging, search, self_service, tickets
from desk.model.conversation import Reason
from desk.model.errors import Invalid
from desk.model.search import Assignee, Filters, Page, Source
from desk.model.technician import Technician
from desk.model.ticket import Details, State, Ticket
from desk.store import conversations as conversation_store
from desk.store import documents, messages
from desk.store import tickets as ticket_store
from desk.store.database import Database
from tests.desk.conftest import START, Clock

Find = Callable[..., list[str]]
Opened = Callable[..., Ticket]


@pytest.fixture
def opened(database: Database, clock: Clock, write: Callable[..., int]) -> Opened:
    """Have somebody write, and open a ticket for it."""

    def do(who: str, text: str = "help", cause: str = "m", channel: str = "web", **details: Any) -> Ticket:
        conversation = write(text, who, channel=channel)
        with database.transaction() as tx:
            current = conversation_store.get(tx, conversation, lock=True)
            wanted = Details(details.pop("reason", Reason.ASKED), **details)
            return tickets.open_ticket(tx, current, wanted, cause, clock.tick())[0]

    return do


@pytest.fixture
def edit(database: Database, clock: Clock, tess: Technician) -> Callable[..., Ticket]:
    """Change a ticket."""

    def do(ticket: Ticket, **values: Any) -> Ticket:
        with database.transaction() as tx:
            return tickets.edit(tx, ticket.number, tickets.Edit(**values), tess, None, clock.tick())

    return do


@pytest.fixture
def page(database: Database) -> Callable[..., Page]:
    """Search: ``page("printer", states=(State.NEW,), limit=2)``."""

    def do(text: str = "", *, limit: int = 50, before: str | None = None, me: int | None = None, **asked: Any) -> Page:
        with database.snapshot() as tx:
            return search.find(tx, Filters(text, **asked), before=before, limit=limit, me=me)

    return do


@pytest.fixture
def find(page: Callable[..., Page]) -> Find:
    """The numbers of the tickets that are found."""

    def do(text: str = "", **asked: Any) -> list[str]:
        return [ticket.number for ticket in page(text, **asked).tickets]

    return do


def test_each_filter_leaves_what_fulfils_it_and_the_newest_change_is_first(
    opened: Opened, edit: Callable[..., Ticket], find: Find, tess: Technician, tom: Technician
) -> None:
    a = opened("alice", category="network", impact=1, urgency=1).number
    b = opened("bob", channel="mail", category="printing").number
    c = opened("carol").number
    assert find() == [c, b, a]
    assert find(category="network") == [a]
    assert find(team="onsite") == [b]
    assert find(channel="mail") == [b]
    assert find(priority=1) == [a]
    assert find(customer=1) == [a]
    assert find(assignee=tess.id) == []
    edit_a = {"assignee": tess.id, "state": State.OPEN}
    with_tess = edit(opened("alice"), **edit_a)
    assert (with_tess.number, find()[0]) == (a, a)
    assert find(assignee=tess.id) == find(assignee=Assignee.ME, me=tess.id) == [a]
    assert find(assignee=Assignee.ME, me=tom.id) == []
    assert find(assignee=Assignee.NOBODY) == [c, b]
    assert find(states=(State.NEW,)) == [c, b]
    assert find(states=(State.NEW, State.OPEN)) == [a, c, b]
    assert find(states=(State.NEW,), assignee=Assignee.NOBODY, team="onsite") == [b]
    with pytest.raises(Invalid):
        find(assignee=Assignee.ME)


def test_times_are_from_and_until(opened: Opened, edit: Callable[..., Ticket], find: Find, clock: Clock) -> None:
    a, b = opened("alice"), opened("bob")
    edit(a, subject="later")
    assert find(created_after=b.created_at) == [b.number]
    assert find(created_before=b.created_at) == [a.number]
    assert find(updated_after=b.updated_at + timedelta(microseconds=1)) == [a.number]
    assert find(updated_before=clock()) == [b.number]


def test_words_are_found_wherever_they_stand(
    database: Database, clock: Clock, opened: Opened, find: Find, tess: Technician
) -> None:
    ticket = opened(
        "alice", "no paper", subject="The tray is open", note="Look at the toner", facts=(("code", "0xBAD"),)
    )
    other = opened("bob", "my mouse")
    with database.transaction() as tx:
        conversations.note(tx, 1, tess, "The fuser is worn", clock.tick())
        conversations.take(tx, 1, tess, clock.tick())
        conversations.resolve(tx, 1, tess, "Replaced the drum", clock.tick(), cause="A gremlin")
    for text in ("paper", "tray", "toner", "fuser", "gremlin", "drum", "0xBAD"):
        assert find(text) == [ticket.number], text
    assert find("mouse") == [other.number]


def test_an_excerpt_says_where_the_words_stand(
    database: Database, clock: Clock, opened: Opened, page: Callable[..., Page], tess: Technician
) -> None:
    opened("alice", "The <b>printer</b> smokes", subject="Printer", note="Fan first")
    with database.transaction() as tx:
        conversations.note(tx, 1, tess, "Fuser?", clock.tick())

    def shown(text: str) -> tuple[Source, str, list[str]]:
        excerpt = page(text).hits[0].excerpt
        assert excerpt is not None
        whole = "".join(segment.text for segment in excerpt.segments)
        return excerpt.source, whole, [segment.text for segment in excerpt.segments if segment.found]

    assert shown("smok print") == (Source.MESSAGE, "The <b>printer</b> smokes", ["printer", "smokes"])
    assert shown("fuser") == (Source.INTERNAL, "Fuser?", ["Fuser"])
    assert shown("fan") == (Source.NOTE, "Fan first", ["Fan"])
    assert [(s.text, s.found) for s in page("print").hits[0].subject] == [("Printer", True)]
    assert page().hits[0].excerpt is None


def test_words_are_ands_phrases_stand_together_and_a_minus_excludes(opened: Opened, find: Find) -> None:
    a = opened("alice", "De printer is offline", subject="Één café").number
    b = opened("bob", "offline is de printer", subject="x").number
    assert find("print off") == find("OFFLINE printer") == [b, a]
    assert find('"printer is offline"') == [a]
    assert find("printer -cafe") == find("printer -café") == [b]
    assert find('printer -"printer is"') == [b]
    assert find("-cafe") == [b]
    assert find("een cafe") == [a]
    # Not across the end of the subject.
    assert find('"cafe de"') == find('"x offline"') == []
    assert find("printr") == find("rinter") == []
    assert find('"print"') == []


def test_a_short_hyphen_makes_no_difference(opened: Opened, find: Find) -> None:
    said = [opened(who, f"the {who} is down").number for who in ("Wi-Fi", "wifi", "WIFI")]
    assert find("wi-fi") == find("wifi") == find("Wifi") == said[::-1]


def test_a_number_leads_to_its_ticket_and_to_those_that_mention_it(
    opened: Opened, find: Find, page: Callable[..., Page]
) -> None:
    a = opened("alice").number
    b = opened("bob", f"same as {a}").number
    assert (a, b) == ("FL-1001", "FL-1002")
    for text in ("FL-1001", "fl-1001", "1001"):
        found = page(text, states=(State.CLOSED,))
        assert found.named is not None
        assert (found.named.number, found.tickets) == (a, [])
        assert find(text) == [b, a]
    assert find("FL-100") == [b, a]
    assert page("FL-1003").named is None
    assert page("FL-99999999999999999999").named is None


_HOSTILE = [
    "'", '"', "\\", "a' | 'b", "printer & !", "a:*", "(", "NEAR(a b)", "a AND", "NOT", "OR OR", "document:a", "^a",
    "a*b", "%", "_", "\x00", "a\x00b", "--", '-"', "x" * 10_000, "a " * 5_000, '"' * 10_000, "-a " * 5_000, "🖨️",
    "\ud800", "ꙮ", "💥 printer",
]  # fmt: skip


def test_nothing_that_can_be_typed_is_an_error(opened: Opened, find: Find) -> None:
    opened("alice", "printer")
    for text in _HOSTILE:
        assert len(find(text)) <= 1, text


def test_what_has_no_words_finds_nothing_and_no_text_finds_all(opened: Opened, find: Find) -> None:
    opened("alice")
    assert find("???") == []
    assert len(find("  ")) == 1


def test_an_edit_is_found_and_what_it_replaced_is_not(opened: Opened, edit: Callable[..., Ticket], find: Find) -> None:
    ticket = opened("alice", subject="Mouse")
    edit(ticket, subject="Keyboard", resolution="Replaced")
    assert find("mouse") == []
    assert find("keyboard replaced") == [ticket.number]
    edit(ticket, resolution="")
    assert find("replaced") == []
    assert find("help") == [ticket.number]


def test_a_merged_ticket_is_found_in_the_one_it_became_part_of(
    database: Database, clock: Clock, opened: Opened, write: Callable[..., int], find: Find, tess: Technician
) -> None:
    a, b = opened("alice", "kettle", subject="Teapot"), opened("bob", "saucer")
    with database.transaction() as tx:
        merging.merge(tx, a.number, b.number, tess, clock.tick())
    write("spoon", "alice")
    for text in ("kettle", "teapot", "spoon", "saucer kettle"):
        assert find(text) == [b.number]
    assert find("kettle", states=(State.MERGED,)) == [a.number]
    with database.transaction() as tx:
        merging.unmerge(tx, a.number, tess, clock.tick())
    for text in ("kettle", "teapot", "spoon"):
        assert find(text) == [a.number]
    assert find("saucer") == [b.number]


def test_a_chain_of_merges_is_found_at_its_end(
    database: Database, clock: Clock, opened: Opened, edit: Callable[..., Ticket], find: Find, tess: Technician
) -> None:
    a, b, c = opened("alice", "kettle"), opened("bob", "saucer"), opened("carol", "spoon")
    with database.transaction() as tx:
        merging.merge(tx, a.number, b.number, tess, clock.tick())
        merging.merge(tx, b.number, c.number, tess, clock.tick())
    assert find("kettle saucer spoon") == [c.number]
    edit(a, subject="Teapot")
    assert find("teapot") == [c.number]
    with database.transaction() as tx:
        merging.unmerge(tx, b.number, tess, clock.tick())
    assert find("kettle saucer teapot") == [b.number]
    assert find("spoon") == [c.number]


def test_what_is_split_off_is_found_in_the_new_ticket_only(
    database: Database, clock: Clock, opened: Opened, write: Callable[..., int], find: Find, tess: Technician
) -> None:
    ticket = opened("alice", "kettle")
    write("and my mouse", "alice")
    with database.transaction() as tx:
        made = merging.split(tx, ticket.number, 1, 2, "A creature", tess, clock.tick())
    write("it squeaks", "alice")
    assert find("kettle") == [ticket.number]
    for text in ("mouse", "creature", "squeaks"):
        assert find(text) == [made.number]


def test_what_was_said_since_the_earlier_case_belongs_to_the_new_one(
    database: Database, clock: Clock, opened: Opened, write: Callable[..., int], find: Find, edit: Callable[..., Ticket]
) -> None:
    first = opened("alice", "kettle")
    edit(first, state=State.CLOSED)
    clock.tick()
    second = opened("alice", "mouse", cause="m2", subject="A creature")
    assert second.id != first.id
    assert (find("kettle"), find("mouse")) == ([first.number], [second.number])


def test_a_case_opened_again_takes_up_where_it_was(
    database: Database, clock: Clock, opened: Opened, write: Callable[..., int], find: Find, edit: Callable[..., Ticket]
) -> None:
    first = opened("alice", "kettle", procedure="a", subject="A kettle")
    edit(first, state=State.RESOLVED, resolution="done")
    clock.tick()
    second = opened("alice", "mouse", cause="m2", procedure="b", subject="A creature")
    edit(second, state=State.RESOLVED, resolution="gone")
    clock.tick()
    write("still squeaks", "alice")
    with database.transaction() as tx:
        current = conversation_store.get(tx, 1, lock=True)
        resolved = ticket_store.get(tx, first.id, lock=True)
        again = self_service.reopen(tx, resolved, current, "it does", "m3", clock.tick())
    assert again.state is State.OPEN
    write("and whistles", "alice")
    edit(first, subject="Teapot")
    assert find("squeaks") == find("whistles") == find("kettle teapot") == [first.number]
    opened("alice", "spoon", cause="m4")
    assert find("mouse") == [second.number]


def test_pages_have_each_ticket_once(opened: Opened, page: Callable[..., Page]) -> None:
    numbers = [opened(f"customer{at}", "kettle").number for at in range(7)]
    for text in ("", "kettle"):
        seen, before = [], None
        while True:
            found = page(text, limit=3, before=before)
            assert (found.total, found.more) == (7, False)
            seen += [ticket.number for ticket in found.tickets]
            before = found.next
            if before is None:
                break
        assert seen == numbers[::-1]


def test_tickets_that_change_at_the_same_time_are_paged_without_gaps(
    database: Database, clock: Clock, write: Callable[..., int], page: Callable[..., Page]
) -> None:
    for at in range(5):
        conversation = write("kettle", f"customer{at}")
        with database.transaction() as tx:
            current = conversation_store.get(tx, conversation, lock=True)
            tickets.open_ticket(tx, current, Details(Reason.ASKED), "m", clock())
    first = page(limit=2)
    second = page(limit=2, before=first.next)
    third = page(limit=2, before=second.next)
    assert [t.id for t in (*first.tickets, *second.tickets, *third.tickets)] == [5, 4, 3, 2, 1]


def test_while_tickets_change_the_others_come_once(
    opened: Opened, edit: Callable[..., Ticket], page: Callable[..., Page]
) -> None:
    made = [opened(f"customer{at}") for at in range(6)]
    first = page(limit=2)
    edit(made[2], subject="changed")
    edit(made[5], subject="changed too")
    rest = page(limit=10, before=first.next)
    # The one that changed is on the first page now; nothing else is missing, and nothing comes again.
    assert [t.id for t in first.tickets] == [6, 5]
    assert [t.id for t in rest.tickets] == [4, 2, 1]
    assert [t.id for t in page(limit=2).tickets] == [6, 3]


def test_a_made_up_place_is_refused(page: Callable[..., Page]) -> None:
    for before in ("", "x", "2026-03-02~1", "2026-03-02T09:00:00~1", "2026-03-02T09:00:00Z~x", "\x00"):
        with pytest.raises(Invalid):
            page(before=before)


def test_totals_are_counted_up_to_a_limit_and_many_hits_are_found_as_few_are(
    opened: Opened, page: Callable[..., Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [opened(f"customer{at}", "kettle", category="printing" if at % 2 else None).number for at in range(6)]
    few = page("kettle", category="printing", limit=2)
    monkeypatch.setattr(search, "COUNT_TO", 2)
    many = page("kettle", category="printing", limit=2)
    assert [t.number for t in many.tickets] == [t.number for t in few.tickets] == [numbers[5], numbers[3]]
    assert (few.total, few.more, many.total, many.more) == (3, False, 2, True)
    assert many.next == few.next
    last = page("kettle", category="printing", limit=2, before=many.next)
    assert [t.number for t in last.tickets] == [numbers[1]]
    assert page("kettle -help", limit=2).more
    assert not page("kettle", states=(State.CLOSED,)).hits


def test_limits_are_kept(page: Callable[..., Page]) -> None:
    for limit in (0, search.MAX_LIMIT + 1):
        with pytest.raises(Invalid):
            page(limit=limit)


def test_filters_are_written_and_read(tess: Technician) -> None:
    all_of_it = Filters(
        text='printer "a b" & c=d',
        states=(State.NEW, State.OPEN),
        team="onsite",
        assignee=7,
        category="printing",
        priority=0,
        channel="web",
        customer=3,
        created_after=START,
        created_before=START.astimezone(timezone(timedelta(hours=2))),
        updated_after=START,
        updated_before=START + timedelta(microseconds=1),
    )
    written = search.serialise(all_of_it)
    assert written["state"] == "new,open"
    assert search.parse(written) == all_of_it
    for few in (Filters(), Filters(assignee=Assignee.ME), Filters(assignee=Assignee.NOBODY)):
        assert search.parse(search.serialise(few)) == few
    assert search.serialise(Filters()) == {}
    assert search.parse({"text": "", "state": "", "team": "", "customer": ""}) == Filters()
    zone = timezone(timedelta(hours=1))
    assert search.parse({"created_after": "2026-03-02"}, zone).created_after == datetime(2026, 3, 2, tzinfo=zone)
    assert search.parse({"created_after": "2026-03-02T09:00"}).created_after == START


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("colour", "red"),
        ("states", "new"),
        ("state", "new,"),
        ("state", "lost"),
        ("assignee", "everybody"),
        ("assignee", "-1"),
        ("assignee", "99999999999999999999"),
        ("customer", "x"),
        ("customer", "²"),
        ("priority", "6"),
        ("team", "a\x00"),
        ("team", "x" * 101),
        ("created_after", "yesterday"),
        ("created_after", "2026-02-30"),
        ("updated_before", "0"),
    ],
)
def test_what_is_no_filter_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(Invalid) as refused:
        search.parse({name: value})
    assert refused.value.field == name


def test_similar_tickets_share_the_words_that_few_have(
    database: Database, opened: Opened, edit: Callable[..., Ticket], clock: Clock, tess: Technician
) -> None:
    for at in range(8):
        opened(f"other{at}", f"the screen number {at} is dark", subject=f"The screen is dark on floor {at}")
    solved = opened("alice", "zebra printer smears labels", subject="The Zebra smears", category="printing")
    edit(solved, state=State.CLOSED)
    merged = opened("bob", "zebra label printer smears", subject="The Zebra smears again", category="printing")
    into = opened("carol", "unrelated")
    with database.transaction() as tx:
        merging.merge(tx, merged.number, into.number, tess, clock.tick())
    ticket = opened("dave", "labels are smeared", subject="The Zebra smears on labels", category="printing")
    with database.snapshot() as tx:
        assert [t.number for t in search.similar_to(tx, ticket)] == [solved.number, into.number]
        assert [t.number for t in search.similar(tx, "zebra smears", "printing")][:2] == [ticket.number, solved.number]
        assert search.similar(tx, "the kettle is cold", "printing") == []
        assert search.similar(tx, "") == []
        assert len(search.similar(tx, "the screen is dark on floor", limit=3)) == 3


def test_a_message_without_a_ticket_is_in_no_document_until_there_is_one(
    database: Database, clock: Clock, write: Callable[..., int], opened: Opened, find: Find
) -> None:
    write("kettle", "alice")
    assert find("kettle") == []
    ticket = opened("alice", "spout")
    assert find("kettle spout") == [ticket.number]


def test_a_very_long_ticket_is_still_written_to(
    database: Database, clock: Clock, opened: Opened, find: Find, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "_MAX_LEXEMES", 2_000)
    monkeypatch.setattr(documents, "_MAX_LETTERS", 30_000)
    ticket = opened("alice", "kettle")
    for part in range(4):
        said = " ".join(f"{part}{number:05}{'ж' * 20}" for number in range(1_500))
        with database.transaction() as tx:
            messages.append(tx, 1, Author.CUSTOMER, said, clock.tick())
    with database.transaction() as tx:
        self_service.add(tx, ticket, conversation_store.get(tx, 1, lock=True), "spout", "m9", clock.tick())
        documents.rewrite(tx, ticket.id)
    assert find("kettle") == [ticket.number]
    assert find("000001") == [ticket.number]
