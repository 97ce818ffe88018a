"""Settings are typed, checked at the start, and documented."""

import json
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from firstline.secrets_file import kept_secret
from firstline.settings import PREFIX, Settings, SettingsError, read_settings

ROOT = Path(__file__).resolve().parents[2]
LONG_SECRET = "correct horse battery staple"


def read(folder: Path, **environ: object) -> Settings:
    settings, _ = read_settings(named(folder, environ), folder / ".env")
    return settings


def named(folder: Path, environ: dict[str, object]) -> dict[str, str]:
    return {f"{PREFIX}{name.upper()}": str(value) for name, value in ({"data_dir": folder / "var"} | environ).items()}


def problems(folder: Path, **environ: object) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        read(folder, **environ)
    return caught.value.problems


def test_nothing_has_to_be_set(tmp_path: Path) -> None:
    settings = read(tmp_path)
    assert settings.public_url == settings.local_url == "http://127.0.0.1:8000"
    assert settings.database_url == f"sqlite:///{tmp_path}/var/firstline.db"
    assert settings.engine_url == "http://127.0.0.1:5005"
    assert settings.engine_is_ours
    assert settings.web_origins == ("*",)


def test_addresses_follow_the_ports(tmp_path: Path) -> None:
    settings = read(tmp_path, host="::", port=9000, engine_port=9005)
    assert settings.local_url == "http://[::1]:9000"
    assert settings.engine_url == "http://127.0.0.1:9005"
    assert not read(tmp_path, engine_url="http://127.0.0.1:1234").engine_is_ours


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("port", "eight", "a whole number from 1 to 65535"),
        ("port", "70000", "a whole number from 1 to 65535"),
        ("host", "http://me", "an IP address or host name of this machine"),
        ("public_url", "help.example.org", "an address such as https://help.example.org"),
        ("engine_url", "http://engine:port", "an address such as https://help.example.org"),
        ("data_dir", "/proc/firstline", "a directory that can be made and written"),
        ("database_url", "mysql://db/x", "sqlite:///path/to/file.db or postgresql://user:password@host/name"),
        ("database_url", "sqlite:///:memory:", "sqlite:///path/to/file.db or postgresql://user:password@host/name"),
        ("database_url", "postgresql://db", "sqlite:///path/to/file.db or postgresql://user:password@host/name"),
        ("engine_timeout_seconds", "0", "seconds, from 0.1 to 600"),
        ("answer_workers", "2.5", "a whole number from 1 to 64"),
        ("log_level", "loud", "debug, info, warning or error"),
        (
            "web_origins",
            "www.example.org",
            "* for any site, or origins such as https://www.example.org, separated by commas",
        ),
        ("session_hours", "-1", "hours, from 0.1 to 720"),
        ("admin_email", "alice", "an email address"),
        ("slack_client_id", "A123", "the app's client id, such as 1234.5678"),
        ("telegram_webhook", "1", "0, or 1 where FIRSTLINE_PUBLIC_URL begins with https://"),
        ("telegram_api_url", "api.telegram.org", "an address such as https://help.example.org"),
    ],
)
def test_a_wrong_value_names_the_setting_what_was_read_and_what_is_allowed(
    tmp_path: Path, name: str, value: str, allowed: str
) -> None:
    assert problems(tmp_path, **{name: value}) == [
        f"FIRSTLINE_{name.upper()}: read {value!r} from the environment, allowed: {allowed}"
    ]


def test_every_problem_is_told_at_once_and_none_that_only_follows(tmp_path: Path) -> None:
    told = problems(tmp_path, port="eight", host="", log_level="loud", data_dir="/proc/firstline")
    assert [line.partition(":")[0] for line in told] == [
        "FIRSTLINE_PORT",
        "FIRSTLINE_DATA_DIR",
        "FIRSTLINE_LOG_LEVEL",
    ]


def test_a_secret_or_a_password_is_not_repeated_in_the_message(tmp_path: Path) -> None:
    wrong = problems(tmp_path, secret_key="hunter2", database_url="mysql://tess:hunter2@db/x", smtp_url="hunter2@mail")
    assert wrong == [
        "FIRSTLINE_DATABASE_URL: read 'mysql://tess:***@db/x' from the environment, "
        "allowed: sqlite:///path/to/file.db or postgresql://user:password@host/name",
        "FIRSTLINE_SMTP_URL: read 12 characters from the environment (it does not begin with smtp:// or smtps://), "
        "allowed: smtp://user:password@mail.example.org:587 or smtps://user:password@mail.example.org",
        "FIRSTLINE_SECRET_KEY: read 7 characters from the environment, "
        "allowed: at least 16 characters; left out, one is made and kept",
    ]


def test_secrets_and_passwords_do_not_show_when_settings_are_printed(tmp_path: Path) -> None:
    settings = read(tmp_path, secret_key=LONG_SECRET, database_url="postgresql://tess:hunter2@db/x")
    assert LONG_SECRET not in repr(settings)
    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_gets_the_driver_that_is_installed(tmp_path: Path, scheme: str) -> None:
    assert read(tmp_path, database_url=f"{scheme}://u:p@db/x").database_url == "postgresql+psycopg://u:p@db/x"


def test_origins_are_a_list(tmp_path: Path) -> None:
    settings = read(tmp_path, web_origins="https://a.example/, http://b.example:8080")
    assert settings.web_origins == ("https://a.example", "http://b.example:8080")


def test_the_environment_wins_over_the_file_and_an_empty_value_is_none(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("FIRSTLINE_PORT=9000\nexport FIRSTLINE_LOG_LEVEL='debug' # loud\nOTHER=1\n")
    assert read(tmp_path).port == 9000
    assert read(tmp_path).log_level == "debug"
    assert read(tmp_path, port=9001).port == 9001
    assert read(tmp_path, port="").port == 9000


def test_a_wrong_value_in_the_file_names_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("FIRSTLINE_PORT=eight\n")
    assert problems(tmp_path)[0].startswith(f"FIRSTLINE_PORT: read 'eight' from {tmp_path / '.env'}, allowed:")


def test_a_dollar_sign_in_the_file_is_a_character_like_any_other(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("FIRSTLINE_DATABASE_URL=postgresql://u:pa$HOME@db/x\n")
    assert read(tmp_path).database_url == "postgresql+psycopg://u:pa$HOME@db/x"


def test_a_line_of_the_file_that_is_no_setting_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("FIRSTLINE_PORT=9000\n=what\n")
    assert problems(tmp_path) == [f"{tmp_path / '.env'}, line 2: read '=what', allowed: NAME=value"]


def test_a_file_that_is_not_text_is_said(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"FIRSTLINE_PORT=\xff\xfe")
    assert problems(tmp_path) == [f"{tmp_path / '.env'}: is not UTF-8 text"]


def test_an_unknown_name_is_warned_about_with_the_nearest_one(tmp_path: Path) -> None:
    environ = named(tmp_path, {"prot": 1, "desk_url": "http://set.by.the.supervisor", "zzz": 1})
    _, warnings = read_settings(environ, tmp_path / ".env")
    assert warnings == [
        "FIRSTLINE_PROT (the environment) is no setting and is ignored; did you mean FIRSTLINE_PORT?",
        "FIRSTLINE_ZZZ (the environment) is no setting and is ignored",
    ]


def test_secrets_are_made_once_and_kept_for_their_owner_only(tmp_path: Path) -> None:
    first, second = read(tmp_path), read(tmp_path)
    assert first.secret_key == second.secret_key
    assert (
        len({value.get_secret_value() for value in (first.secret_key, first.engine_token, first.internal_token)}) == 3
    )
    assert stat.S_IMODE((tmp_path / "var/secrets.json").stat().st_mode) == 0o600


def test_a_secret_that_is_given_is_used_and_not_kept(tmp_path: Path) -> None:
    assert read(tmp_path, secret_key=LONG_SECRET).secret_key.get_secret_value() == LONG_SECRET
    assert "secret_key" not in json.loads((tmp_path / "var/secrets.json").read_text())


def test_processes_that_start_at_once_agree_on_the_secrets(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: kept_secret(tmp_path, "secret_key"), range(50)))) == 1


def test_no_secret_is_made_while_another_setting_is_wrong(tmp_path: Path) -> None:
    problems(tmp_path, port="eight")
    assert not (tmp_path / "var/secrets.json").exists()


@pytest.mark.parametrize("text", ["{", "[]", '{"secret_key": 1}'])
def test_a_damaged_secrets_file_is_said_and_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "var/secrets.json"
    path.parent.mkdir()
    path.write_text(text)
    assert problems(tmp_path)[0].startswith(f"{path}: is damaged")
    assert path.read_text() == text


def test_settings_cannot_be_changed(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="frozen"):
        read(tmp_path).port = 1  # type: ignore[misc]


def test_wrong_settings_end_the_process_with_readable_lines_and_code_2(tmp_path: Path) -> None:
    code = "from firstline.settings import settings_or_exit; settings_or_exit()"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "FIRSTLINE_PORT": "eight"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == (
        "FIRSTLINE_PORT: read 'eight' from the environment, allowed: a whole number from 1 to 65535\n"
    )


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented_with_its_default(name: str) -> None:
    rows = [
        [cell.strip() for cell in line.strip("|\n ").split("|")]
        for line in (ROOT / "docs/operations.md").read_text().splitlines()
        if line.startswith(f"| `{PREFIX}{name.upper()}`")
    ]
    assert len(rows) == 1, f"{PREFIX}{name.upper()} needs one row in docs/operations.md"
    field = Settings.model_fields[name]
    if field.default_factory is None:
        plain = int(field.default) if isinstance(field.default, bool) else field.default
        default = ",".join(plain) if isinstance(plain, tuple) else f"{plain}"
        assert rows[0][1].startswith("none") if plain in {None, "", ()} else rows[0][1] == f"`{default}`"


def test_no_row_documents_a_setting_that_is_gone() -> None:
    for line in (ROOT / "docs/operations.md").read_text().splitlines():
        if line.startswith(f"| `{PREFIX}"):
            assert line.split("`")[1].removeprefix(PREFIX).lower() in Settings.model_fields
