"""What administrators and leads do in the console, and who may not."""

from __future__ import annotations

import re
import shutil
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from desk import accounts, logins, teams, technicians, webhooks
from desk.brake import Brake
from desk.console.agents import described
from desk.console.app import console
from desk.live import Live
from desk.model.channel import Installed
from desk.model.mail import Mail, MailFailed
from desk.model.technician import OPERATOR, Role
from desk.model.webhook import Failure
from desk.store import canned, channel_states
from desk.store import teams as team_store
from desk.store import technicians as people
from desk.store.database import Database
from tests.desk.conftest import Clock
from tests.desk.console.conftest import HTMX, Browser, Mailbox, hire, logged_in
from tests.desk.kitchen import kitchen


# The use cases are tested on both databases; what pages make of them is the same on each.
@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    shutil.copy(sqlite_template, tmp_path / "firstline.db")
    return f"sqlite:///{tmp_path / 'firstline.db'}"


PAGES = ("technicians", "teams", "categories", "priorities", "canned", "canned/new", "channels", "tokens", "webhooks")


async def boss(browser: Browser, database: Database, clock: Clock, role: Role = Role.ADMIN) -> httpx.AsyncClient:
    hire(database, clock, "Bo")
    with database.transaction() as tx:
        accounts.change(tx, OPERATOR, technicians.by_email(tx, "bo@example.org").id, role=role)
    return await logged_in(await browser(), "Bo")


@pytest.fixture
async def bo(browser: Browser, database: Database, clock: Clock) -> httpx.AsyncClient:
    """An administrator's browser."""
    return await boss(browser, database, clock)


def id_of(database: Database, email: str) -> int:
    with database.snapshot() as tx:
        return technicians.by_email(tx, email).id


async def test_agents_see_none_of_it_and_leads_the_canned_replies(
    browser: Browser, database: Database, clock: Clock, tess_browser: httpx.AsyncClient
) -> None:
    lead = await boss(browser, database, clock, Role.LEAD)
    assert (await tess_browser.get("admin")).status_code == 403
    for page in PAGES:
        assert (await tess_browser.get(f"admin/{page}")).status_code == 403
        assert (await lead.get(f"admin/{page}")).status_code == (200 if "canned" in page else 403), page
    refused = await tess_browser.post(
        "admin/technicians", data={"email": "a@example.org", "name": "A", "role": "admin"}
    )
    assert (refused.status_code, "Not allowed" in refused.text) == (403, True)
    assert "/desk/admin" not in (await tess_browser.get("")).text
    assert (await lead.get("admin")).headers["location"] == "/desk/admin/canned"


async def test_every_page_shows_in_both_languages(bo: httpx.AsyncClient, database: Database) -> None:
    assert (await bo.get("admin")).headers["location"] == "/desk/admin/technicians"
    own = f"technicians/{id_of(database, 'bo@example.org')}"
    for language, administration in (("en", "Administration"), ("nl", "Beheer")):
        await bo.post("preferences", data={"language": language})
        for page in (*PAGES, own, "teams/network", "categories/network"):
            answer = await bo.get(f"admin/{page}")
            assert (answer.status_code, administration in answer.text) == (200, True), page
            assert not re.search(r"\{\w+\}", re.sub(r"\{(customer|ticket|me)\}", "", answer.text)), page
        assert (await bo.get("account")).status_code == 200


async def test_somebody_who_is_invited_opens_the_link_and_is_in(
    bo: httpx.AsyncClient, browser: Browser, database: Database
) -> None:
    shown = await bo.post("admin/technicians", data={"email": "ann@example.org", "name": "Ann", "role": "lead"})
    found = re.search(r'value="http://desk.test/desk/(invitations/[\w-]+)"', shown.text)
    assert found is not None
    ann = await browser()
    assert "ann@example.org" in (await ann.get(found[1])).text
    short = await ann.post(found[1], data={"name": "Ann Jones", "password": "short", "again": "short"})
    assert (short.status_code, "too short" in short.text, 'value="Ann Jones"' in short.text) == (422, True, True)
    mistyped = await ann.post(found[1], data={"name": "Ann", "password": "a long password", "again": "another"})
    assert "not the same" in mistyped.text
    chosen = {"name": "Ann Jones", "password": "a long password", "again": "a long password"}
    assert (await ann.post(found[1], data=chosen)).headers["location"] == "/desk/"
    assert (await ann.get("")).status_code == 200
    again = await (await browser()).get(found[1])
    assert (again.status_code, "no longer works" in again.text) == (404, True)
    assert "Ann Jones" in (await bo.get("admin/technicians")).text


async def test_an_invitation_is_mailed_and_the_link_is_shown_all_the_same(
    bo: httpx.AsyncClient, database: Database, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = await bo.post("admin/technicians", data={"email": "ann@example.org", "name": "Ann", "role": "lead"})
    (mail,) = mailbox.mails
    link = re.search(r'value="(http://desk.test/desk/invitations/[\w-]+)"', shown.text)
    assert link is not None
    assert (mail.to, link[1] in mail.text, "Bo has made an account" in mail.text) == ("ann@example.org", True, True)
    assert "It was mailed to ann@example.org" in shown.text

    async def refuse(mail: Mail) -> None:
        with database.transaction():  # nobody else writes meanwhile
            raise MailFailed("550 no <such> mailbox", permanent=True)

    monkeypatch.setattr(mailbox, "send", refuse)
    shown = await bo.post("admin/technicians", data={"email": "cas@example.org", "name": "Cas", "role": "agent"})
    assert "It could not be mailed: 550 no &lt;such&gt; mailbox" in shown.text
    assert "Send it to cas@example.org yourself" in shown.text
    assert re.search(r'value="http://desk.test/desk/invitations/[\w-]+"', shown.text)


async def test_what_was_typed_is_kept_next_to_what_is_wrong_with_it(bo: httpx.AsyncClient) -> None:
    answer = await bo.post("admin/technicians", data={"email": "bo@example.org", "name": "Another Bo", "role": "lead"})
    assert answer.status_code == 422
    assert 'id="invite-email-wrong" role="alert">Somebody has this address already.' in answer.text
    assert 'aria-describedby="invite-email-wrong" aria-invalid="true"' in answer.text
    assert 'value="Another Bo"' in answer.text
    assert re.search(r'value="lead" selected', answer.text)


async def test_a_technician_is_changed_shut_out_and_let_in_again(
    bo: httpx.AsyncClient, tess_browser: httpx.AsyncClient, database: Database
) -> None:
    tess = f"admin/technicians/{id_of(database, 'tess@example.org')}"
    assert (await bo.post(tess, data={"name": "Tess J", "role": "lead"})).headers[
        "location"
    ] == f"/desk/{tess}?done=saved"
    assert "Saved." in (await bo.get(f"{tess}?done=saved")).text
    assert (await tess_browser.get("admin/canned")).status_code == 200
    await bo.post(f"{tess}/deactivate")
    assert (await tess_browser.get("")).status_code == 303
    assert "Inactive" in (await bo.get(tess)).text
    await bo.post(f"{tess}/activate")
    await logged_in(tess_browser, "Tess")


async def test_the_last_administrator_is_told_why_they_stay_one(bo: httpx.AsyncClient, database: Database) -> None:
    own = f"admin/technicians/{id_of(database, 'bo@example.org')}"
    for answer in (
        await bo.post(own, data={"name": "Bo", "role": "agent"}),
        await bo.post(f"{own}/deactivate"),
    ):
        assert answer.status_code in {409, 422}
        assert "Nobody would be left who may administer" in answer.text
    assert (await bo.post(own, data={"name": "Bo", "role": "king"})).status_code == 422


async def test_an_administrator_signs_somebody_out(
    bo: httpx.AsyncClient, tess_browser: httpx.AsyncClient, database: Database
) -> None:
    number = id_of(database, "tess@example.org")
    page = await bo.get(f"admin/technicians/{number}")
    session = re.search(r'name="session" value="(\d+)"', page.text)
    assert session is not None
    await bo.post(f"admin/technicians/{number}/sign-out", data={"session": session[1]})
    assert (await tess_browser.get("")).status_code == 303
    assert "Not signed in anywhere" in (await bo.get(f"admin/technicians/{number}")).text
    await logged_in(tess_browser, "Tess")
    await bo.post(f"admin/technicians/{number}/sign-out")
    assert (await tess_browser.get("")).status_code == 303
    assert (await bo.get("")).status_code == 200


async def test_a_team_is_added_and_gets_hours_days_off_and_members(
    bo: httpx.AsyncClient, database: Database, clock: Clock
) -> None:
    hire(database, clock, "Tess")
    tess = id_of(database, "tess@example.org")
    about = {"name_en": "Field", "name_nl": "Buiten", "time_zone": "Europe/Brussels", "holidays": "be"}
    added = await bo.post("admin/teams", data={"key": "field", "reopen_days": "5", **about})
    assert added.headers["location"] == "/desk/admin/teams/field?done=added"
    await bo.post("admin/teams/field/hours", data={"day-0": "8-12, 13-17.30", "day-6": ""})
    await bo.post("admin/teams/field/closed", data={"day": "2026-12-24", "day_name": "Christmas Eve"})
    await bo.post("admin/teams/field/members", data={f"member-{tess}": "on"})
    await bo.post("admin/teams/field", data={**about, "reopen_days": "0", "active": "on", "fallback": "on"})
    with database.snapshot() as tx:
        view = teams.view(tx, "field")
    assert (view.team.holidays, view.team.reopen_days, view.team.fallback) == ("BE", 0, True)
    assert (view.hours, view.members) == ({0: [(480, 720), (780, 1050)]}, frozenset({tess}))
    page = (await bo.get("admin/teams/field")).text
    assert 'value="08:00-12:00, 13:00-17:30"' in page
    assert "Thursday, 24 December 2026" in page
    await bo.post("admin/teams/field/open", data={"day": "2026-12-24"})
    assert "Christmas Eve" not in (await bo.get("admin/teams/field")).text


async def test_hours_that_are_wrong_are_told_at_their_day_and_nothing_is_stored(
    bo: httpx.AsyncClient, database: Database
) -> None:
    for typed, told in (
        ("9-12, 11-13", "These hours overlap"),
        ("12-9", "close after it opens"),
        ("noon", "Write hours"),
    ):
        answer = await bo.post("admin/teams/network/hours", data={"day-0": "8-17", "day-2": typed})
        assert answer.status_code == 422
        assert re.search(rf'id="day-2-wrong" role="alert">[^<]*{told}', answer.text), told
        assert f'value="{typed}"' in answer.text
    with database.snapshot() as tx:
        assert team_store.hours(tx, "network")[0] == (0, 480, 1050)


async def test_a_team_that_is_wrong_is_refused_with_the_reason(bo: httpx.AsyncClient) -> None:
    about = {"name_en": "Field", "name_nl": "Buiten", "time_zone": "Europe/Brussels", "reopen_days": "5"}
    for wrong, told in (
        ({"key": "Field!"}, "small letters"),
        ({"key": "network"}, "taken already"),
        ({"time_zone": "Mars"}, "no such time zone"),
        ({"holidays": "XX"}, "no such country"),
        ({"reopen_days": "soon"}, "whole number"),
    ):
        answer = await bo.post("admin/teams", data={"key": "field", **about, **wrong})
        assert (answer.status_code, told in answer.text) == (422, True), told
    answer = await bo.post("admin/teams/servicedesk", data=about)
    assert (answer.status_code, "One team must get" in answer.text) == (422, True)


async def test_categories_and_priorities_are_changed(bo: httpx.AsyncClient, database: Database) -> None:
    phones = {"name_en": "Phones", "name_nl": "Telefoons", "team": "onsite", "impact": "2"}
    assert (await bo.post("admin/categories", data={"key": "phones", **phones})).status_code == 303
    assert (await bo.post("admin/categories", data={"key": "phones", **phones})).status_code == 422
    assert (await bo.post("admin/categories/phones", data={**phones, "impact": "9"})).status_code == 422
    assert (await bo.post("admin/categories/phones", data={**phones, "team": ""})).status_code == 303
    matrix = {f"priority-{impact}-{urgency}": "4" for impact in (1, 2, 3) for urgency in (1, 2, 3)}
    assert (await bo.post("admin/priorities", data=matrix)).status_code == 303
    assert (await bo.post("admin/priorities", data=matrix | {"priority-1-1": "9"})).status_code == 422
    with database.snapshot() as tx:
        found = team_store.find_category(tx, "phones")
        assert found is not None
        assert (found.team, found.impact, found.active) == (None, 2, False)
        assert set(team_store.matrix(tx).values()) == {4}


async def test_leads_write_canned_replies_and_see_what_customers_will_read(
    browser: Browser, database: Database, clock: Clock
) -> None:
    lead = await boss(browser, database, clock, Role.LEAD)
    reply = {"shortcut": "/hi", "title": "Hi", "text_en": "Dear {customer}", "text_nl": "Beste {klant}", "team": ""}
    refused = await lead.post("admin/canned", data=reply)
    assert (refused.status_code, "Only {customer}" in refused.text, "Beste {klant}" in refused.text) == (
        422,
        True,
        True,
    )
    reply["text_nl"] = "Beste {customer}"
    assert (await lead.post("admin/canned", data=reply)).status_code == 303
    preview = await lead.post("admin/canned/preview", data=reply, headers=HTMX)
    assert '<p class="bubble" lang="nl">Beste Alice Jansen</p>' in preview.text
    with database.snapshot() as tx:
        made = canned.by_shortcut(tx, "hi")
    assert made is not None
    assert "Dear Alice Jansen" in (await lead.get(f"admin/canned/{made.id}")).text
    await lead.post(f"admin/canned/{made.id}", data=reply | {"title": "Hello", "team": "network"})
    page = (await lead.get("admin/canned")).text
    assert "Hello" in page
    assert "Network team" in page
    await lead.post(f"admin/canned/{made.id}/delete")
    assert "No canned replies yet" in (await lead.get("admin/canned")).text
    assert (await lead.get(f"admin/canned/{made.id}")).status_code == 404


async def test_channels_say_whether_they_work_and_what_they_lack(
    database: Database, clock: Clock, live: Live, browser: Browser
) -> None:
    channels = [
        Installed("web", ()),
        Installed("telegram", ("FIRSTLINE_TELEGRAM_TOKEN",)),
        Installed("email", (), ("FIRSTLINE_SMTP_URL",)),
        Installed("slack", ()),
    ]
    mounted = console(
        database,
        live,
        clock,
        session=timedelta(hours=1),
        secure_cookie=False,
        catalogue=kitchen(),
        brake=Brake(),
        mailer=Mailbox(),
        channels=channels,
    )
    with database.transaction() as tx:
        channel_states.worked(tx, "web", clock())
        channel_states.failed(tx, "slack", "invalid_auth <b>", clock())
    hire(database, clock, "Bo")
    with database.transaction() as tx:
        people.change(tx, technicians.by_email(tx, "bo@example.org").id, role="admin")
    transport = httpx.ASGITransport(app=Starlette(routes=[Mount("/desk", mounted)]))
    async with httpx.AsyncClient(transport=transport, base_url="http://desk.test/desk/") as bo:
        page = (await (await logged_in(bo, "Bo")).get("admin/channels")).text
    left_here = "Until these are set, they stay on this machine"
    for told in ("Works", "Off", "TELEGRAM_TOKEN", left_here, "SMTP_URL", "Failing", "invalid_auth &lt;b&gt;"):
        assert told in page


async def test_a_token_is_shown_once_and_revoked(bo: httpx.AsyncClient, database: Database, clock: Clock) -> None:
    own = id_of(database, "bo@example.org")
    wrong = await bo.post("admin/tokens", data={"name": "", "technician": str(own), "days": "30"})
    assert (wrong.status_code, "Fill this in" in wrong.text) == (422, True)
    assert (await bo.post("admin/tokens", data={"name": "x", "technician": str(own), "days": "0"})).status_code == 422
    assert (await bo.post("admin/tokens", data={"name": "x", "technician": "99", "days": "3"})).status_code == 422
    made = await bo.post("admin/tokens", data={"name": "Reports", "technician": str(own), "days": "30"})
    token = re.search(r'value="(firstline_[\w-]+)"', made.text)
    assert token is not None
    page = (await bo.get("admin/tokens")).text
    assert ("Reports" in page, token[1] in page) == (True, False)
    with database.snapshot() as tx:
        (listed,) = logins.tokens(tx, OPERATOR, clock())
        assert technicians.who(tx, token[1], clock()) is not None
    await bo.post(f"admin/tokens/{listed.id}/revoke")
    with database.snapshot() as tx:
        assert technicians.who(tx, token[1], clock()) is None


async def test_a_webhook_is_kept_with_its_log_and_its_secret_shown_once(
    bo: httpx.AsyncClient, database: Database, clock: Clock
) -> None:
    wrong = await bo.post("admin/webhooks", data={"url": "nonsense"})
    assert (wrong.status_code, "no address that can be posted to" in wrong.text) == (422, True)
    made = await bo.post("admin/webhooks", data={"url": "https://hooks.example.org/x", "ticket.created": "on"})
    secret = re.search(r'value="(whsec_[\w-]+)"', made.text)
    assert secret is not None
    assert "Ticket opened" in (await bo.get("admin/webhooks")).text
    page = "admin/webhooks/1"
    assert secret[1] not in (await bo.get(page)).text
    await bo.post(f"{page}/ping")
    with database.transaction() as tx:
        sending = webhooks.claim(tx, "w", clock(), timedelta(seconds=60))
        assert sending is not None
        webhooks.failed(tx, sending.claim, Failure("HTTP 410: <gone>", 410, gone=True), clock())
    shown = (await bo.get(page)).text
    assert ("HTTP 410: &lt;gone&gt;" in shown, "Given up · 410" in shown, ">Off<" in shown) == (True, True, True)
    assert (await bo.post(f"{page}/again", data={"delivery": sending.delivery_id})).status_code == 409
    await bo.post(page, data={"url": "https://hooks.example.org/y", "active": "on"})
    assert (await bo.post(f"{page}/again", data={"delivery": sending.delivery_id})).status_code == 303
    assert "Waiting" in (await bo.get(f"{page}?before=99999")).text
    assert secret[1] not in (await bo.post(f"{page}/secret")).text
    assert (await bo.post(f"{page}/remove")).status_code == 303
    assert (await bo.get(page)).status_code == 404


async def test_somebody_ends_their_other_logins_and_says_how_they_want_to_be_told(
    tess_browser: httpx.AsyncClient, browser: Browser, database: Database
) -> None:
    other = await logged_in(await browser(), "Tess")
    third = await logged_in(await browser(), "Tess")
    page = (await tess_browser.get("account")).text
    sessions = re.findall(r'name="session" value="(\d+)"', page)
    assert (len(sessions), page.count(">This browser<")) == (2, 1)
    await tess_browser.post("account/sessions", data={"session": sessions[0]})
    assert len([b for b in (other, third) if (await b.get("")).status_code == 200]) == 1
    await tess_browser.post("account/sessions")
    assert [(await b.get("")).status_code for b in (other, third, tess_browser)] == [303, 303, 200]
    await tess_browser.post("account", data={"language": "nl"})
    with database.snapshot() as tx:
        tess = technicians.by_email(tx, "tess@example.org")
    assert (tess.mailed, tess.language) == (False, "nl")
    assert "Mijn account" in (await tess_browser.get("account")).text
    await tess_browser.post("preferences", data={"language": "en"})
    assert id_of(database, "tess@example.org")
    with database.snapshot() as tx:
        assert technicians.by_email(tx, "tess@example.org").language == "en"


@pytest.mark.parametrize(
    ("agent", "told"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36", ("Chrome", "Linux")),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130 Safari/537 Edg/130", ("Edge", "Windows")),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1", ("Safari", "iPhone")),
        ("curl/8.5", ("", "")),
        (None, ("", "")),
    ],
)
def test_browsers_are_told_apart(agent: str | None, told: tuple[str, str]) -> None:
    assert described(agent) == told
