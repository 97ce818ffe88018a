"""What administrators type: the desk is set up by commands as it is in the console."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from email import message_from_bytes, policy
from pathlib import Path

import pytest
import yaml

from desk import clock, slack_accounts, technicians
from desk.model.slack import Person
from desk.store.database import Database
from firstline.__main__ import main, parser

Run = Callable[..., str]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FIRSTLINE_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("FIRSTLINE_PUBLIC_URL", "https://help.example.org")
    return tmp_path


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command that must go well; returns what it printed."""

    def do(*words: str) -> str:
        assert main(words) == 0, capsys.readouterr().err
        return capsys.readouterr().out

    return do


@pytest.fixture
def refused(home: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command that cannot be done; returns why."""

    def do(*words: str) -> str:
        assert main(words) == 1
        printed = capsys.readouterr()
        assert printed.out == ""
        return printed.err

    return do


def listed(run: Run, *words: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(run(*words, "--json"))
    return found


def test_a_technician_is_invited_promoted_shut_out_and_let_in(run: Run, refused: Run) -> None:
    invited = json.loads(run("technician", "invite", "Ann.Jones@Example.org", "--role", "lead"))
    assert invited["email"] == "ann.jones@example.org"
    assert re.fullmatch(r"https://help\.example\.org/desk/invitations/[\w-]{40,}", invited["link"])
    (ann,) = listed(run, "technician", "list")
    assert (ann["name"], ann["role"], ann["state"]) == ("Ann Jones", "lead", "invited")
    assert json.loads(run("technician", "link", "ann.jones@example.org"))["link"] != invited["link"]
    assert "technician link" in refused("technician", "activate", "ann.jones@example.org")
    run("technician", "add", "bo@example.org", "Bo", "--role", "admin")
    assert "nobody would be left" in refused("technician", "role", "bo@example.org", "agent")
    assert "nobody would be left" in refused("technician", "deactivate", "bo@example.org")
    run("technician", "role", "ann.jones@example.org", "agent")
    run("technician", "deactivate", "ann.jones@example.org")
    table = run("technician", "list")
    assert re.search(r"^EMAIL +NAME +ROLE +STATE +TEAMS +SEEN$", table, re.MULTILINE)
    assert re.search(r"^ann\.jones@example\.org +Ann Jones +agent +inactive", table, re.MULTILINE)
    assert "nobody has this address" in refused("technician", "role", "who@example.org", "lead")
    assert "taken already" in refused("technician", "invite", "bo@example.org")


def test_an_invitation_is_mailed_and_printed(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    invited = json.loads(run("technician", "invite", "ann@example.org"))
    (file,) = (home / "var" / "mail").iterdir()
    mail = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert mail["To"] == "ann@example.org"
    body = mail.get_body(("plain",))
    assert body is not None
    assert invited["link"] in body.get_content()
    assert "An administrator has made an account" in body.get_content()
    assert invited["mailed"] is False

    monkeypatch.setenv("FIRSTLINE_SMTP_URL", "smtp://127.0.0.1:1")
    assert main(["technician", "invite", "bo@example.org"]) == 0
    printed = capsys.readouterr()
    assert "/desk/invitations/" in json.loads(printed.out)["link"]
    assert printed.err.startswith("firstline: the link could not be mailed: ")
    assert printed.err.count("\n") == 1


def test_what_cannot_be_done_is_one_line_on_stderr(home: Path) -> None:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "firstline", "team", "set", "nosuch", "--en", "No such"]
    ended = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", "firstline: team nosuch does not exist\n")


async def test_logins_are_listed_and_ended(run: Run, home: Path) -> None:
    password = json.loads(run("technician", "add", "bo@example.org", "Bo"))["password"]
    database = Database(f"sqlite:///{home / 'var' / 'firstline.db'}")
    lasts = clock.now() - clock.now().replace(year=clock.now().year - 1, day=1)
    for agent in ("Firefox", "Chrome"):
        await technicians.log_in(
            database, "bo@example.org", password, clock.now(), lasts, address="192.0.2.1", agent=agent
        )
    database.close()
    chrome, firefox = listed(run, "technician", "sessions", "bo@example.org")
    assert (chrome["browser"], firefox["browser"], chrome["address"]) == ("Chrome", "Firefox", "192.0.2.1")
    run("technician", "sign-out", "bo@example.org", "--session", str(chrome["number"]))
    assert [one["browser"] for one in listed(run, "technician", "sessions", "bo@example.org")] == ["Firefox"]
    run("technician", "sign-out", "bo@example.org")
    assert listed(run, "technician", "sessions", "bo@example.org") == []


def test_a_team_gets_members_hours_and_days_off(run: Run, refused: Run) -> None:
    run("technician", "add", "bo@example.org", "Bo")
    run("team", "add", "field", "--en", "Field", "--nl", "Buiten", "--reopen-days", "3")
    run("team", "set", "field", "--holidays", "de-by", "--fallback", "yes")
    teams = {team["key"]: team for team in listed(run, "team", "list")}
    assert teams["field"]["holidays"] == "DE-BY"
    assert (teams["field"]["time_zone"], teams["field"]["reopen_days"]) == ("Europe/Amsterdam", 3)
    assert [key for key, team in teams.items() if team["fallback"]] == ["field"]
    assert listed(run, "team", "members", "field", "--add", "bo@example.org") == [
        {"email": "bo@example.org", "name": "Bo", "active": True}
    ]
    assert listed(run, "team", "members", "field", "--remove", "bo@example.org") == []
    shown = run("team", "hours", "field", "mon-thu=08:00-12:00,13:00-17:30", "fri=9-12", "--close", "2026-12-24=Eve")
    assert re.search(r"^thu +08:00-12:00, 13:00-17:30", shown, re.MULTILINE)
    assert re.search(r"^fri +09:00-12:00", shown, re.MULTILINE)
    assert re.search(r"^2026-12-24 +Eve", shown, re.MULTILINE)
    shown = run("team", "hours", "field", "fri=", "--open", "2026-12-24")
    assert "09:00" not in shown
    assert "Eve" not in shown
    assert "hours (tue): two intervals overlap" in refused("team", "hours", "field", "tue=9-12,11-13")
    assert "hours (mon): write them like" in refused("team", "hours", "field", "mon=noon")
    assert "not DAY=HOURS" in refused("team", "hours", "field", "someday=9-12")
    assert "not DATE=NAME" in refused("team", "hours", "field", "--close", "Christmas")
    assert "holidays: is no country" in refused("team", "set", "field", "--holidays", "XX")
    assert "make another one the fallback" in refused("team", "set", "field", "--fallback", "no")
    assert "team nowhere does not exist" in refused("team", "members", "nowhere")


def test_categories_and_priorities_are_set(run: Run, refused: Run) -> None:
    run("category", "add", "phones", "--en", "Phones", "--nl", "Telefoons", "--team", "onsite", "--impact", "2")
    run("category", "set", "phones", "--team", "", "--impact", "0", "--active", "no")
    found = next(one for one in listed(run, "category", "list") if one["key"] == "phones")
    assert (found["team"], found["impact"], found["active"]) == (None, None, False)
    assert "does not exist" in refused("category", "set", "fax", "--impact", "2")
    assert "impact: must be 1, 2 or 3" in refused("category", "set", "phones", "--impact", "7")
    run("priority", "set", "3", "1", "1")
    assert listed(run, "priority", "show")[2] == {"impact": 3, "urgency_1": 1, "urgency_2": 4, "urgency_3": 5}
    assert "priorities from 1 to 5" in refused("priority", "set", "3", "1", "9")


def test_canned_replies_go_to_a_file_and_come_back_from_it(run: Run, refused: Run, home: Path) -> None:
    run("canned", "add", "bye", "--title", "Goodbye", "--en", "Bye {customer}", "--nl", "Dag {customer}")
    file = home / "canned.yml"
    replies = {
        "hello": {"title": "Hello", "en": "Dear {customer},\n\nI am {me}: hi", "nl": "Dag", "team": "network"},
        "bye": {"title": "Bye", "en": "Bye", "nl": "Doei"},
    }
    file.write_text(yaml.safe_dump(replies), "utf-8")
    run("canned", "import", str(file))
    exported = run("canned", "export")
    assert yaml.safe_load(exported) == replies
    assert "en: |-\n" in exported
    assert [one["shortcut"] for one in listed(run, "canned", "list")] == ["bye", "hello"]
    file.write_text("first: {title: F, en: F, nl: F}\nsecond: {title: S, en: 'Dear {costumer}', nl: S}\n", "utf-8")
    told = refused("canned", "import", str(file))
    assert f"{file}: second: text en: only {{customer}}" in told
    assert len(listed(run, "canned", "list")) == 2
    for text, why in (("- a", "not a list of shortcuts"), ("a: {title: A}", "needs title, en and nl"), (": :", "")):
        file.write_text(text, "utf-8")
        assert why in refused("canned", "import", str(file))
    run("canned", "remove", "bye")
    assert "bye does not exist" in refused("canned", "remove", "bye")


def test_channels_and_tokens_are_listed(run: Run, refused: Run) -> None:
    channels = {one["channel"]: one for one in listed(run, "channel", "list")}
    web = channels["web"]
    assert (web["on"], web["missing"], web["incomplete"], web["worked"]) == (True, [], [], None)
    assert channels["email"]["incomplete"] == ["FIRSTLINE_SMTP_URL", "FIRSTLINE_MAILBOXES"]
    run("technician", "add", "bo@example.org", "Bo")
    made = json.loads(run("token", "add", "Reports", "--technician", "bo@example.org", "--days", "30"))
    assert made["token"].startswith("firstline_")
    (token,) = listed(run, "token", "list")
    assert (token["name"], token["technician"]) == ("Reports", "Bo")
    assert made["token"] not in run("token", "list")
    run("token", "revoke", str(token["number"]))
    assert "does not exist" in refused("token", "revoke", str(token["number"]))
    with pytest.raises(SystemExit):
        parser().parse_args(["token", "add", "x", "--technician", "a@b", "--days", "0"])


def test_a_webhook_is_added_tried_out_and_removed(run: Run, refused: Run) -> None:
    made = json.loads(run("webhook", "add", "https://hooks.example.org/x", "--event", "ticket.created"))
    assert made["secret"].startswith("whsec_")
    (listed_one,) = listed(run, "webhook", "list")
    assert (listed_one["url"], listed_one["on"], listed_one["events"]) == (made["url"], True, ["ticket.created"])
    assert json.loads(run("webhook", "ping", str(made["number"])))["delivery"]
    assert "url" in refused("webhook", "add", "nonsense")
    run("webhook", "remove", str(made["number"]))
    assert listed(run, "webhook", "list") == []


def test_every_command_stands_in_the_operations_manual() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "operations.md").read_text("utf-8")
    groups = parser()._subparsers
    assert groups is not None
    (commands,) = groups._group_actions
    assert isinstance(commands.choices, dict)
    by_parser = {own: command for command, own in reversed(commands.choices.items())}  # without other names for it
    for own, command in by_parser.items():
        actions = [a for a in own._actions if isinstance(getattr(a, "choices", None), dict)]
        names = [f"{command} {name}" for action in actions for name in action.choices] or [command]
        assert [name for name in names if not re.search(rf"`(firstline )?{re.escape(name)}\b", manual)] == []


def test_a_team_gets_its_channel_in_slack_and_loses_it(run: Run, refused: Run) -> None:
    def channel() -> object:
        return next(team["slack_channel"] for team in listed(run, "team", "list") if team["key"] == "network")

    run("team", "set", "network", "--slack-channel", "T1/C1")
    assert channel() == "T1/C1"
    assert "is no channel" in refused("team", "set", "network", "--slack-channel", "#network")
    run("team", "set", "network", "--slack-channel", "")
    assert channel() is None


def test_who_a_technician_is_in_slack_is_listed_and_ended(run: Run, home: Path) -> None:
    run("technician", "add", "bo@example.org", "Bo")
    database = Database(f"sqlite:///{home / 'var' / 'firstline.db'}")
    with database.transaction() as tx:
        bo = technicians.by_email(tx, "bo@example.org")
        slack_accounts.link(tx, Person("T1", "U1"), slack_accounts.new_code(tx, bo, clock.now()), clock.now())
    database.close()
    assert [one["account"] for one in listed(run, "technician", "slack", "bo@example.org")] == ["T1/U1"]
    run("technician", "slack", "bo@example.org", "--end")
    assert listed(run, "technician", "slack", "bo@example.org") == []
