"""Finding tickets: every filter, what is a word, pages, and similar tickets, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from desk import conversations, merging, search, tickets
from desk.model.conversation import Reason
from desk.model.errors import Invalid
from desk.model.search import Assignee, Filters, Source
from desk.model.technician import Technician
from desk.model.ticket import Details, State
from desk.store import conversations as conversation_store
from desk.store.database import Database
from tests.desk.cases import Cases
from tests.desk.conftest import Clock
from tests.new_desk import START


def test_each_filter_leaves_what_fulfils_it_and_the_newest_change_is_first(
    cases: Cases, tess: Technician, tom: Technician
) -> None:
    a = cases.begin("alice", category="network", impact=1, urgency=1).number
    b = cases.begin("bob", channel="mail", category="printing").number
    c = cases.begin("carol").number
    assert cases.find() == [c, b, a]
    assert cases.find(category="network") == [a]
    assert cases.find(team="onsite") == [b]
    assert cases.find(channel="mail") == [b]
    assert cases.find(priority=1) == [a]
    assert cases.find(customer=1) == [a]
    assert cases.find(assignee=tess.id) == []
    with_tess = cases.edit(cases.begin("alice"), tess, assignee=tess.id, state=State.OPEN)
    assert (with_tess.number, cases.find()[0]) == (a, a)
    assert cases.find(assignee=tess.id) == cases.find(assignee=Assignee.ME, me=tess.id) == [a]
    assert cases.find(assignee=Assignee.ME, me=tom.id) == []
    assert cases.find(assignee=Assignee.NOBODY) == [c, b]
    assert cases.find(states=(State.NEW,)) == [c, b]
    assert cases.find(states=(State.NEW, State.OPEN)) == [a, c, b]
    assert cases.find(states=(State.NEW,), assignee=Assignee.NOBODY, team="onsite") == [b]
    with pytest.raises(Invalid):
        cases.find(assignee=Assignee.ME)


def test_times_are_from_and_until(cases: Cases, clock: Clock, tess: Technician) -> None:
    a, b = cases.begin("alice"), cases.begin("bob")
    cases.edit(a, tess, subject="later")
    assert cases.find(created_after=b.created_at) == [b.number]
    assert cases.find(created_before=b.created_at) == [a.number]
    assert cases.find(updated_after=b.updated_at + timedelta(microseconds=1)) == [a.number]
    assert cases.find(updated_before=clock()) == [b.number]


def test_an_excerpt_says_where_the_words_stand(
    database: Database, cases: Cases, clock: Clock, tess: Technician
) -> None:
    cases.begin("alice", "The <b>printer</b> smokes", subject="Printer", note="Fan first")
    with database.transaction() as tx:
        conversations.note(tx, 1, tess, "Fuser?", clock.tick())

    def shown(text: str) -> tuple[Source, str, list[str]]:
        excerpt = cases.page(text).hits[0].excerpt
        assert excerpt is not None
        whole = "".join(segment.text for segment in excerpt.segments)
        return excerpt.source, whole, [segment.text for segment in excerpt.segments if segment.found]

    assert shown("smok print") == (Source.MESSAGE, "The <b>printer</b> smokes", ["printer", "smokes"])
    assert shown("fuser") == (Source.INTERNAL, "Fuser?", ["Fuser"])
    assert shown("fan") == (Source.NOTE, "Fan first", ["Fan"])
    assert [(s.text, s.found) for s in cases.page("print").hits[0].subject] == [("Printer", True)]
    assert cases.page().hits[0].excerpt is None


def test_words_are_ands_phrases_stand_together_and_a_minus_excludes(cases: Cases) -> None:
    a = cases.begin("alice", "De printer is offline", subject="Één café").number
    b = cases.begin("bob", "offline is de printer", subject="x").number
    assert cases.find("print off") == cases.find("OFFLINE printer") == [b, a]
    assert cases.find('"printer is offline"') == [a]
    assert cases.find("printer -cafe") == cases.find("printer -café") == [b]
    assert cases.find('printer -"printer is"') == [b]
    assert cases.find("-cafe") == [b]
    assert cases.find("een cafe") == [a]
    # Not across the end of the subject.
    assert cases.find('"cafe de"') == cases.find('"x offline"') == []
    assert cases.find("printr") == cases.find("rinter") == []
    assert cases.find('"print"') == []


def test_a_short_hyphen_makes_no_difference(cases: Cases) -> None:
    said = [cases.begin(who, f"the {who} is down").number for who in ("Wi-Fi", "wifi", "WIFI")]
    assert cases.find("wi-fi") == cases.find("wifi") == cases.find("Wifi") == said[::-1]


def test_a_number_leads_to_its_ticket_and_to_those_that_mention_it(cases: Cases) -> None:
    a = cases.begin("alice").number
    b = cases.begin("bob", f"same as {a}").number
    assert (a, b) == ("FL-1001", "FL-1002")
    for text in ("FL-1001", "fl-1001", "1001"):
        found = cases.page(text, states=(State.CLOSED,))
        assert found.named is not None
        assert (found.named.number, found.tickets) == (a, [])
        assert cases.find(text) == [b, a]
    assert cases.find("FL-100") == [b, a]
    assert cases.page("FL-1003").named is None
    assert cases.page("FL-99999999999999999999").named is None


_HOSTILE = [
    "'", '"', "\\", "a' | 'b", "printer & !", "a:*", "(", "NEAR(a b)", "a AND", "NOT", "OR OR", "document:a", "^a",
    "a*b", "%", "_", "\x00", "a\x00b", "--", '-"', "x" * 10_000, "a " * 5_000, '"' * 10_000, "-a " * 5_000, "🖨️",
    "\ud800", "ꙮ", "💥 printer",
]  # fmt: skip


def test_nothing_that_can_be_typed_is_an_error(cases: Cases) -> None:
    cases.begin("alice", "printer")
    for text in _HOSTILE:
        assert len(cases.find(text)) <= 1, text


def test_what_has_no_words_finds_nothing_and_no_text_finds_all(cases: Cases) -> None:
    cases.begin("alice")
    assert cases.find("???") == []
    assert len(cases.find("  ")) == 1


def test_pages_have_each_ticket_once(cases: Cases) -> None:
    numbers = [cases.begin(f"customer{at}", "kettle").number for at in range(7)]
    for text in ("", "kettle"):
        seen, before = [], None
        while True:
            found = cases.page(text, limit=3, before=before)
            assert (found.total, found.more) == (7, False)
            seen += [ticket.number for ticket in found.tickets]
            before = found.next
            if before is None:
                break
        assert seen == numbers[::-1]


def test_tickets_that_change_at_the_same_time_are_paged_without_gaps(
    database: Database, cases: Cases, clock: Clock
) -> None:
    for at in range(5):
        conversation = cases.write("kettle", f"customer{at}")
        with database.transaction() as tx:
            current = conversation_store.get(tx, conversation, lock=True)
            tickets.open_ticket(tx, current, Details(Reason.ASKED), "m", clock())
    first = cases.page(limit=2)
    second = cases.page(limit=2, before=first.next)
    third = cases.page(limit=2, before=second.next)
    assert [t.id for t in (*first.tickets, *second.tickets, *third.tickets)] == [5, 4, 3, 2, 1]


def test_while_tickets_change_the_others_come_once(cases: Cases, tess: Technician) -> None:
    made = [cases.begin(f"customer{at}") for at in range(6)]
    first = cases.page(limit=2)
    cases.edit(made[2], tess, subject="changed")
    cases.edit(made[5], tess, subject="changed too")
    rest = cases.page(limit=10, before=first.next)
    # The one that changed is on the first page now; nothing else is missing, and nothing comes again.
    assert [t.id for t in first.tickets] == [6, 5]
    assert [t.id for t in rest.tickets] == [4, 2, 1]
    assert [t.id for t in cases.page(limit=2).tickets] == [6, 3]


def test_a_made_up_place_is_refused(cases: Cases) -> None:
    for before in ("", "x", "2026-03-02~1", "2026-03-02T09:00:00~1", "2026-03-02T09:00:00Z~x", "\x00"):
        with pytest.raises(Invalid):
            cases.page(before=before)


def test_totals_are_counted_up_to_a_limit_and_many_hits_are_found_as_few_are(
    cases: Cases, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [
        cases.begin(f"customer{at}", "kettle", category="printing" if at % 2 else None).number for at in range(6)
    ]
    few = cases.page("kettle", category="printing", limit=2)
    monkeypatch.setattr(search, "COUNT_TO", 2)
    many = cases.page("kettle", category="printing", limit=2)
    assert [t.number for t in many.tickets] == [t.number for t in few.tickets] == [numbers[5], numbers[3]]
    assert (few.total, few.more, many.total, many.more) == (3, False, 2, True)
    assert many.next == few.next
    last = cases.page("kettle", category="printing", limit=2, before=many.next)
    assert [t.number for t in last.tickets] == [numbers[1]]
    assert cases.page("kettle -help", limit=2).more
    assert not cases.page("kettle", states=(State.CLOSED,)).hits


def test_limits_are_kept(cases: Cases) -> None:
    for limit in (0, search.MAX_LIMIT + 1):
        with pytest.raises(Invalid):
            cases.page(limit=limit)


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
    database: Database, cases: Cases, clock: Clock, tess: Technician
) -> None:
    for at in range(8):
        cases.begin(f"other{at}", f"the screen number {at} is dark", subject=f"The screen is dark on floor {at}")
    solved = cases.begin("alice", "zebra printer smears labels", subject="The Zebra smears", category="printing")
    cases.edit(solved, tess, state=State.CLOSED)
    merged = cases.begin("bob", "zebra label printer smears", subject="The Zebra smears again", category="printing")
    into = cases.begin("carol", "unrelated")
    with database.transaction() as tx:
        merging.merge(tx, merged.number, into.number, tess, clock.tick())
    ticket = cases.begin("dave", "labels are smeared", subject="The Zebra smears on labels", category="printing")
    with database.snapshot() as tx:
        assert [t.number for t in search.similar_to(tx, ticket)] == [solved.number, into.number]
        assert [t.number for t in search.similar(tx, "zebra smears", "printing")][:2] == [ticket.number, solved.number]
        assert search.similar(tx, "the kettle is cold", "printing") == []
        assert search.similar(tx, "") == []
        assert len(search.similar(tx, "the screen is dark on floor", limit=3)) == 3
