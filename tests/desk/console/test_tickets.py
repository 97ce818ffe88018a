"""Tickets in the console: what is offered, what is refused and how that reads, and the list of them."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
import pytest

from desk import canned, conversations, technicians
from desk.filing import file_ticket
from desk.model.canned import Draft
from desk.model.conversation import Reason
from desk.model.technician import Role, Technician
from desk.model.ticket import Details, State, Ticket
from desk.store import technicians as technician_store
from desk.store import tickets as store
from desk.store.database import Database
from desk.tickets import acting
from tests.desk.conftest import WORDS, Clock
from tests.desk.console import demo
from tests.desk.console.conftest import HTMX
from tests.desk.console.demo import PASSWORD

Write = Callable[..., int]
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
async def case(tess_browser: httpx.AsyncClient, write: Write) -> int:
    """A conversation that Tess has taken; its ticket is FL-1001."""
    conversation = write(f"help {HOSTILE}")
    await tess_browser.post(f"conversations/{conversation}/take")
    return conversation


def ticket(database: Database, number: str = "FL-1001") -> Ticket:
    with database.snapshot() as tx:
        return store.by_number(tx, number)


async def edit(browser: httpx.AsyncClient, database: Database, **values: object) -> httpx.Response:
    data = {"revision": str(ticket(database).revision), **{name: str(value) for name, value in values.items()}}
    return await browser.post("tickets/FL-1001/edit", data=data, headers=HTMX)


async def test_a_ticket_is_edited_where_it_stands_and_the_panel_tells_who_did(
    tess_browser: httpx.AsyncClient, database: Database, case: int
) -> None:
    answer = await edit(tess_browser, database, team="network", category="network", impact=1, urgency=1, assignee="")
    assert answer.headers["hx-trigger"] == "desk:changed, desk:sent"
    changed = ticket(database)
    # What the next edit of the same page has to show, before the page has looked again.
    assert f'value="{changed.revision}"' in answer.text
    assert (changed.team, changed.category, changed.priority, changed.assignee) == ("network", "network", 1, None)
    page = (await tess_browser.get("tickets/fl-1001")).text
    assert "<ins>Network team</ins>" in page
    assert "Priority: Critical" in page
    assert HOSTILE not in page
    assert page.count("&lt;img src=x onerror=alert(1)&gt;") > 1


async def test_of_two_who_edit_the_second_is_told_and_shown_what_it_is_now(
    tess_browser: httpx.AsyncClient, tom_browser: httpx.AsyncClient, database: Database, case: int
) -> None:
    stale = str(ticket(database).revision)
    await edit(tom_browser, database, subject="Tom's words")
    data = {"revision": stale, "subject": "Tess's words"}
    refused = await tess_browser.post("tickets/FL-1001/edit", data=data, headers=HTMX)
    assert refused.status_code == 409
    assert "Somebody changed this ticket meanwhile" in refused.text
    assert refused.headers["hx-trigger"] == "desk:changed"
    assert ticket(database).subject == "Tom's words"


async def test_only_legal_states_are_offered_and_others_are_refused(
    tess_browser: httpx.AsyncClient, database: Database, case: int
) -> None:
    await tess_browser.post(f"conversations/{case}/close", data={"resolution": "Done.", "cause": "Dust"})
    assert ticket(database).cause == "Dust"
    page = (await tess_browser.get("tickets/FL-1001")).text
    offered = re.findall(r'<option value="(\w+)"', page.split('id="ticket-state"')[1].split("</select>")[0])
    assert offered == ["resolved", "open", "closed"]
    refused = await edit(tess_browser, database, state="waiting_for_customer")
    assert refused.status_code == 409
    assert "The ticket is Resolved by now" in refused.text
    assert (await edit(tess_browser, database, state="nonsense")).status_code == 422
    assert "Choose into which ticket" in (await edit(tess_browser, database, state="merged")).text


async def test_resolving_by_the_state_asks_what_was_done(
    tess_browser: httpx.AsyncClient, database: Database, case: int
) -> None:
    asked = await edit(tess_browser, database, state="resolved")
    assert asked.headers["hx-retarget"] == "#dialog-body"
    assert 'name="resolution"' in asked.text
    assert ticket(database).state is State.OPEN
    await edit(tess_browser, database, state="resolved", resolution="Fan replaced.")
    assert ticket(database).state is State.RESOLVED


async def test_a_major_incident_needs_the_permission_and_then_shows_in_every_queue(
    tess_browser: httpx.AsyncClient, tom_browser: httpx.AsyncClient, database: Database, clock: Clock, case: int
) -> None:
    refused = await edit(tess_browser, database, may_major=1, major=1)
    assert refused.status_code == 403
    assert "Only team leads" in refused.text
    with database.transaction() as tx:
        tess = technician_store.by_email(tx, "tess@example.org")
        assert tess is not None
        technician_store.change(tx, tess[0].id, role=Role.LEAD.value)
    await edit(tess_browser, database, may_major=1, major=1)
    assert ticket(database).priority == 0
    await tess_browser.post(f"conversations/{case}/release")
    await tom_browser.post("queue", data={"queue": "network"})
    assert (
        "Major incident" in (await tom_browser.get("")).text.split('data-section="waiting"')[1].split("</section>")[0]
    )


async def test_the_queue_shows_one_teams_and_remembers_it(
    tess_browser: httpx.AsyncClient, database: Database, case: int
) -> None:
    await edit(tess_browser, database, team="onsite")
    await tess_browser.post(f"conversations/{case}/release")
    assert "FL-1001" in (await tess_browser.post("queue", data={"queue": "onsite"}, headers=HTMX)).text
    assert "FL-1001" not in (await tess_browser.post("queue", data={"queue": "network"}, headers=HTMX)).text
    assert "FL-1001" not in (await tess_browser.get("lists", headers=HTMX)).text
    assert "FL-1001" in (await tess_browser.post("queue", data={"queue": "no such"}, headers=HTMX)).text


async def test_merging_can_be_taken_back_and_makes_no_circles(
    tess_browser: httpx.AsyncClient, database: Database, case: int, write: Write
) -> None:
    other = write("the same again", who="bob")
    await tess_browser.post(f"conversations/{other}/take")
    merge = "tickets/FL-1002/merge"
    assert "There is no such ticket" in (await tess_browser.post(merge, data={"into": "FL-9"}, headers=HTMX)).text
    assert "with itself" in (await tess_browser.post(merge, data={"into": "FL-1002"}, headers=HTMX)).text
    merged = await tess_browser.post(merge, data={"into": "fl-1001"}, headers=HTMX)
    assert "FL-1002 is part of FL-1001 now" in merged.text
    assert merged.headers["hx-retarget"] == "#notice"
    page = (await tess_browser.get("tickets/FL-1001")).text
    assert page.count('href="/desk/tickets/FL-1001?conversation=') == 2
    assert "Take the merge back" in (await tess_browser.get("tickets/FL-1002")).text
    again = await tess_browser.post(merge, data={"into": "FL-1001"}, headers=HTMX)
    assert again.status_code == 409
    assert "The ticket is Merged by now" in again.text
    await tess_browser.post("tickets/FL-1002/unmerge", headers=HTMX)
    assert ticket(database, "FL-1002").state is State.OPEN


async def test_links_are_told_from_both_sides_and_removed(
    tess_browser: httpx.AsyncClient, database: Database, case: int, write: Write
) -> None:
    await tess_browser.post(f"conversations/{write('other', who='bob')}/take")
    link = {"other": "FL-1002", "kind": "caused_by"}
    await tess_browser.post("tickets/FL-1001/link", data=link, headers=HTMX)
    assert "Caused by" in (await tess_browser.get("tickets/FL-1001")).text
    assert "Cause of" in (await tess_browser.get("tickets/FL-1002")).text
    dialog = (await tess_browser.get("tickets/FL-1002/dialogs/tell", headers=HTMX)).text
    assert "FL-1001" in dialog
    await tess_browser.post("tickets/FL-1002/tell", data={"text": "The network is being repaired."}, headers=HTMX)
    assert "The network is being repaired." in (await tess_browser.get(f"conversations/{case}")).text
    assert "told everybody affected" in (await tess_browser.get("tickets/FL-1002")).text
    nobody = await tess_browser.post("tickets/FL-1001/tell", data={"text": "Hello?"}, headers=HTMX)
    assert (nobody.status_code, "Nobody is affected" in nobody.text) == (409, True)
    await tess_browser.post("tickets/FL-1002/unlink", data={"other": "FL-1001", "kind": "caused_by"}, headers=HTMX)
    assert "Cause of" not in (await tess_browser.get("tickets/FL-1002")).text
    same = await tess_browser.post("tickets/FL-1001/link", data={"other": "FL-1001", "kind": "related"}, headers=HTMX)
    assert "cannot be linked to itself" in same.text
    odd = await tess_browser.post("tickets/FL-1001/link", data={"other": "FL-1002", "kind": "odd"}, headers=HTMX)
    assert odd.status_code == 422


async def test_a_new_topic_becomes_a_ticket_of_its_own(
    tess_browser: httpx.AsyncClient, database: Database, case: int, write: Write
) -> None:
    write("and my screen flickers")
    dialog = (await tess_browser.get(f"tickets/FL-1001/dialogs/split?conversation={case}", headers=HTMX)).text
    assert "and my screen flickers" in dialog
    seq = re.findall(r'<option value="(\d+)"', dialog)[-1]
    split = {"conversation": str(case), "from_seq": seq, "subject": HOSTILE}
    answer = await tess_browser.post("tickets/FL-1001/split", data=split)
    assert answer.headers["location"] == "/desk/tickets/FL-1002"
    page = (await tess_browser.get(f"conversations/{case}")).text
    assert "FL-1002" in page
    assert HOSTILE not in page
    missing = {**split, "from_seq": "999"}
    assert "no such message" in (await tess_browser.post("tickets/FL-1001/split", data=missing, headers=HTMX)).text


@pytest.mark.parametrize(
    "path", ["tickets/FL-99999", "tickets/nonsense", "tickets/FL-1001?conversation=77", "tickets/FL-1001/dialogs/odd"]
)
async def test_what_does_not_exist_is_said_to(tess_browser: httpx.AsyncClient, case: int, path: str) -> None:
    assert (await tess_browser.get(path)).status_code == 404


async def test_a_reply_to_what_somebody_has_not_seen_is_held_up_and_sent_when_they_insist(
    tess_browser: httpx.AsyncClient, database: Database, case: int, tom: Technician, clock: Clock
) -> None:
    with database.transaction() as tx:
        seen = conversations.view(tx, case).conversation.last_seq
        conversations.note(tx, case, tom, "Wait, do not say that.", clock())
    reply = {"kind": "reply", "text": "I say that.", "after": str(seen), "keep_open": "1"}
    held = await tess_browser.post(f"conversations/{case}/messages", data=reply, headers=HTMX)
    assert held.status_code == 409
    assert "Something changed since you opened this" in held.text
    assert "Wait, do not say that." in held.text
    assert "desk:sent" not in held.headers["hx-trigger"]
    sent = await tess_browser.post(f"conversations/{case}/messages", data={**reply, "anyway": "1"}, headers=HTMX)
    assert sent.status_code == 200
    assert ticket(database).state is State.OPEN


async def test_a_conversation_is_passed_on_with_a_note_to_a_team_or_a_colleague(
    tess_browser: httpx.AsyncClient, tom_browser: httpx.AsyncClient, database: Database, case: int
) -> None:
    transfer = f"conversations/{case}/transfer"
    dialog = (await tess_browser.get(transfer, headers=HTMX)).text
    assert "Network team" in dialog
    colleague = re.findall(r'value="(colleague:\d+)">Tom<', dialog)[0]
    assert "Choose a team" in (await tess_browser.post(transfer, data={"to": "", "note": "x"}, headers=HTMX)).text
    assert "needs to know" in (await tess_browser.post(transfer, data={"to": colleague}, headers=HTMX)).text
    unknown = {"to": "team:nonsense", "note": "x"}
    assert (await tess_browser.post(transfer, data=unknown, headers=HTMX)).status_code == 404
    await tess_browser.post(transfer, data={"to": colleague, "note": "Yours."}, headers=HTMX)
    with database.snapshot() as tx:
        found = conversations.view(tx, case)
    assert found.conversation.technician_name == "Tom"
    assert ticket(database).assignee_name == "Tom"
    assert (
        await tess_browser.post(transfer, data={"to": "team:network", "note": "x"}, headers=HTMX)
    ).status_code == 409


async def test_colleagues_see_who_looks_and_who_writes(
    tess_browser: httpx.AsyncClient, tom_browser: httpx.AsyncClient, clock: Clock, case: int
) -> None:
    await tom_browser.get(f"conversations/{case}")
    assert "Tom is looking at this too" in (await tess_browser.get(f"conversations/{case}")).text
    await tom_browser.post(f"conversations/{case}/typing", data={"kind": "note"})
    assert "Tom is writing here too" in (await tess_browser.get(f"conversations/{case}")).text
    await tom_browser.post(f"conversations/{case}/left")
    assert "Tom is" not in (await tess_browser.get(f"conversations/{case}")).text
    await tom_browser.get(f"conversations/{case}/news")
    clock.tick(16)
    assert "Tom is" not in (await tess_browser.get(f"conversations/{case}")).text


async def test_a_ticket_filed_by_hand_is_filed_once_and_shows_what_was_wrong(
    tess_browser: httpx.AsyncClient, database: Database
) -> None:
    once = re.findall(r'name="once" value="(\w+)"', (await tess_browser.get("tickets/new")).text)[0]
    form = {"once": once, "requester_name": "Alice", "requester_email": "nobody", "subject": "Beeps", "impact": "1"}
    refused = await tess_browser.post("tickets/new", data=form)
    assert refused.status_code == 422
    assert "This is no email address" in refused.text
    assert 'value="Beeps"' in refused.text
    form["requester_email"] = "alice@example.org"
    for _ in range(2):
        assert (await tess_browser.post("tickets/new", data=form)).headers["location"] == "/desk/tickets/FL-1001"
    page = (await tess_browser.get("tickets/FL-1001")).text
    assert "There is no address to reply to" in page
    assert "Beeps" in (await tess_browser.get("tickets/similar?subject=beeps", headers=HTMX)).text


async def test_the_list_is_searched_filtered_and_kept_as_a_view(
    tess_browser: httpx.AsyncClient, database: Database, case: int
) -> None:
    assert (await tess_browser.get("tickets")).headers["location"].startswith("/desk/tickets?state=new")
    found = (await tess_browser.get("tickets?text=help&state=open&assignee=me")).text
    assert "<mark>help</mark>" in found
    assert HOSTILE not in found
    assert "No tickets here" in (await tess_browser.get("tickets?text=nonsense&state=")).text
    assert "The ticket with this number" in (await tess_browser.get("tickets?text=1001&state=closed")).text
    assert (await tess_browser.get("tickets?priority=9")).status_code == 422
    assert (await tess_browser.get("tickets?state=&before=nonsense")).status_code == 422
    view = {"name": "Helpful", "text": "help", "state": "open"}
    kept = await tess_browser.post("tickets/views", data=view)
    page = (await tess_browser.get(kept.headers["location"].removeprefix("/desk/"))).text
    assert re.search(r'aria-current="page">Helpful<', page)
    assert (
        "There is one with this name already"
        in (await tess_browser.post("tickets/views", data=view, headers=HTMX)).text
    )
    delete = re.findall(r"tickets/views/\d+/delete", page)[0]
    await tess_browser.post(delete)
    assert "Helpful" not in (await tess_browser.get("tickets?state=")).text


async def test_the_list_comes_in_pages(
    tess_browser: httpx.AsyncClient, database: Database, clock: Clock, tom: Technician
) -> None:
    with database.transaction() as tx:
        for number in range(52):
            details = Details(Reason.FILED, subject=f"Number {number}")
            file_ticket(tx, acting(tom), "Alice", "", details, "", f"test:{number}", clock.tick(), WORDS)
    page = (await tess_browser.get("tickets?state=")).text
    assert page.count("data-row") == 50
    following = re.findall(r'hx-get="/desk/(tickets\?[^"]*before=[^"]+)"', page)[0].replace("&amp;", "&")
    rest = (await tess_browser.get(following, headers=HTMX)).text
    assert re.findall(r"FL-\d+</span>", rest) == ["FL-1002</span>", "FL-1001</span>"]


async def test_the_palette_finds_tickets_by_number_and_words(
    tess_browser: httpx.AsyncClient, database: Database, case: int
) -> None:
    for words in ("1001", "fl-1001", "help"):
        (hit,) = (await tess_browser.get("palette", params={"q": words})).json()
        assert (hit["number"], hit["state"], hit["url"]) == ("FL-1001", "Open", "/desk/tickets/FL-1001")
    assert (await tess_browser.get("palette", params={"q": " "})).json() == []


async def test_canned_replies_come_filled_in_and_in_the_customers_language(
    tess_browser: httpx.AsyncClient, database: Database, clock: Clock
) -> None:
    with database.transaction() as tx:
        lead = technicians.add(tx, "lena@example.org", "Lena", Role.LEAD, PASSWORD, clock(), one_time=False)
        draft = Draft(
            "hello", "Greeting", "Hello {customer}, {me} here: {ticket}.", "Hallo {customer}, {me}: {ticket}."
        )
        canned.create(tx, lead, draft, clock())
    told = {}
    for who, language in (("Alice", "en"), ("Bob", "nl")):
        story = demo.Story(database, who, clock(), language).says("hello").hears("hello", handover=Reason.ASKED)
        (reply,) = (await tess_browser.get(f"conversations/{story.id}/canned")).json()
        told[who] = reply["text"]
    assert (reply["shortcut"], reply["title"]) == ("hello", "Greeting")
    assert told == {"Alice": "Hello Alice, Tess here: FL-1001.", "Bob": "Hallo Bob, Tess: FL-1002."}
