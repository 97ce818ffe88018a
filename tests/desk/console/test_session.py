"""Who gets in, and who does not."""

from __future__ import annotations

import httpx
import pytest

from desk.store.database import Database
from tests.desk.conftest import Clock
from tests.desk.console.conftest import HTMX, Browser, hire, logged_in
from tests.desk.console.demo import PASSWORD


async def test_whoever_is_not_logged_in_is_sent_to_the_login_page_and_back_to_where_they_wanted(
    browser: Browser, database: Database, clock: Clock
) -> None:
    hire(database, clock, "Tess")
    tess = await browser()
    sent = await tess.get("conversations/17")
    assert sent.headers["location"] == "/desk/login?next=%2Fconversations%2F17"
    data = {"email": "tess@example.org", "password": PASSWORD, "next": "/conversations/17"}
    assert (await tess.post("login", data=data)).headers["location"] == "/desk/conversations/17"


@pytest.mark.parametrize("next_page", ["//evil.example", "https://evil.example", "/logout", "/conversations/1/../../x"])
async def test_the_login_leads_nowhere_but_to_conversations(
    browser: Browser, database: Database, clock: Clock, next_page: str
) -> None:
    hire(database, clock, "Tess")
    data = {"email": "tess@example.org", "password": PASSWORD, "next": next_page}
    assert (await (await browser()).post("login", data=data)).headers["location"] == "/desk/"


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(
    browser: Browser, database: Database, clock: Clock
) -> None:
    hire(database, clock, "Tess")
    answer = await (await browser()).post("login", data={"email": " TESS@example.org", "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/desk" in cookie


async def test_a_wrong_password_is_told_and_the_address_is_kept(
    browser: Browser, database: Database, clock: Clock
) -> None:
    hire(database, clock, "Tess")
    answer = await (await browser()).post("login", data={"email": "tess@example.org", "password": "wrong"})
    assert answer.status_code == 401
    assert 'value="tess@example.org"' in answer.text
    assert 'role="alert"' in answer.text


async def test_after_five_wrong_passwords_even_the_right_one_must_wait(
    browser: Browser, database: Database, clock: Clock
) -> None:
    hire(database, clock, "Tess")
    tess = await browser()
    for _ in range(5):
        assert (await tess.post("login", data={"email": "tess@example.org", "password": "no"})).status_code == 401
    right = {"email": "tess@example.org", "password": PASSWORD}
    assert (await tess.post("login", data=right)).status_code == 429
    clock.tick(601)
    assert (await tess.post("login", data=right)).status_code == 303


async def test_a_one_time_password_must_be_changed_before_anything_else(
    browser: Browser, database: Database, clock: Clock
) -> None:
    hire(database, clock, "Tess", one_time=True)
    tess = await logged_in(await browser(), "Tess")
    assert (await tess.get("")).headers["location"] == "/desk/password"
    assert (await tess.post("conversations/1/take", headers=HTMX)).headers["hx-redirect"] == "/desk/password"
    assert (await tess.get("password")).status_code == 200
    new = {"old": PASSWORD, "new": "another long password", "again": "another long password"}
    assert (await tess.post("password", data=new)).headers["location"] == "/desk/"
    assert (await tess.get("")).status_code == 200


@pytest.mark.parametrize(
    ("new", "again", "told"),
    [
        ("short", "short", "too short"),
        ("x" * 201, "x" * 201, "too long"),
        (PASSWORD, PASSWORD, "must differ"),
        ("one long password", "other long password", "not the same"),
    ],
)
async def test_an_unacceptable_password_is_explained(
    tess_browser: httpx.AsyncClient, new: str, again: str, told: str
) -> None:
    answer = await tess_browser.post("password", data={"old": PASSWORD, "new": new, "again": again})
    assert answer.status_code == 422
    assert told in answer.text


async def test_a_wrong_current_password_changes_nothing(tess_browser: httpx.AsyncClient) -> None:
    answer = await tess_browser.post(
        "password", data={"old": "no", "new": "a long password", "again": "a long password"}
    )
    assert answer.status_code == 422
    assert "current password is not right" in answer.text


async def test_logging_out_ends_the_login(tess_browser: httpx.AsyncClient) -> None:
    token = tess_browser.cookies["firstline_session"]
    await tess_browser.post("logout")
    tess_browser.cookies.set("firstline_session", token, domain="desk.test", path="/desk")
    assert (await tess_browser.get("")).status_code == 303


async def test_a_page_whose_login_has_ended_is_sent_to_the_login_page_even_from_a_fragment(
    tess_browser: httpx.AsyncClient, clock: Clock
) -> None:
    clock.tick(13 * 3600)
    headers = {**HTMX, "HX-Current-URL": "http://desk.test/desk/conversations/4"}
    answer = await tess_browser.get("lists", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["hx-redirect"] == "/desk/login?next=%2Fconversations%2F4&ended=1"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "", "Origin": "https://evil.example"},
    ],
)
async def test_another_site_cannot_act_in_a_technicians_name(
    tess_browser: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    answer = await tess_browser.post("logout", headers=headers)
    assert answer.status_code == 403
    assert (await tess_browser.get("")).status_code == 200


async def test_a_browser_that_sends_only_an_origin_may_act_from_our_own_pages(
    browser: Browser, database: Database, clock: Clock
) -> None:
    hire(database, clock, "Tess")
    tess = await browser()
    del tess.headers["Sec-Fetch-Site"]
    assert (await logged_in(tess, "Tess")).cookies["firstline_session"]


async def test_the_language_follows_the_browser_until_one_is_chosen(browser: Browser) -> None:
    somebody = await browser()
    somebody.headers["Accept-Language"] = "fr;q=1, nl-BE;q=0.8, en;q=0.5"
    assert "Wachtwoord" in (await somebody.get("login")).text
    chosen = await somebody.post("preferences", data={"language": "en"}, headers={"Referer": "http://x/desk/login"})
    assert chosen.headers["location"] == "/desk/login"
    assert "Wachtwoord" not in (await somebody.get("login")).text


async def test_an_appearance_that_is_chosen_stays(tess_browser: httpx.AsyncClient) -> None:
    await tess_browser.post("preferences", data={"theme": "dark"})
    assert 'data-theme="dark"' in (await tess_browser.get("")).text


async def test_every_answer_keeps_foreign_scripts_and_frames_out(browser: Browser) -> None:
    somebody = await browser()
    for path in ("login", "static/base.css", "nothing-here", "conversations/1"):
        headers = (await somebody.get(path)).headers
        assert "'unsafe-inline'" not in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-frame-options"] == "DENY"
        assert headers["x-content-type-options"] == "nosniff"


async def test_static_files_are_kept_by_browsers_as_long_as_their_address_names_their_content(browser: Browser) -> None:
    somebody = await browser()
    page = (await somebody.get("login")).text
    versioned = page.split('href="/desk/')[2].split('"')[0]
    assert "immutable" in (await somebody.get(versioned)).headers["cache-control"]
    plain = await somebody.get("static/base.css?v=old")
    assert plain.headers["cache-control"] == "no-cache"
    assert (await somebody.get("static/base.css", headers={"If-None-Match": plain.headers["etag"]})).status_code == 304


async def test_a_form_far_too_large_is_refused_unread(browser: Browser) -> None:
    answer = await (await browser()).post("login", data={"email": "x" * 2_100_000})
    assert answer.status_code == 413
