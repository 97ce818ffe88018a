"""What is there once for the whole session: the running assistant and the desk it calls, and new desks' databases."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from argon2 import PasswordHasher

from desk import technicians
from tests import new_desk, postgres
from tests.engine_process import Engine, running_engine
from tests.fake_desk import FakeDesk, running_desk


@pytest.fixture(scope="session")
def _desk_of_the_session() -> Iterator[FakeDesk]:
    with running_desk() as desk:
        yield desk


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory, _desk_of_the_session: FakeDesk) -> Iterator[Engine]:
    """Rasa and the action server."""
    with running_engine(tmp_path_factory.mktemp("engine"), _desk_of_the_session.url) as engine:
        yield engine


@pytest.fixture
def desk(_desk_of_the_session: FakeDesk) -> FakeDesk:
    """The desk that the actions call, with nothing remembered."""
    _desk_of_the_session.forget()
    return _desk_of_the_session


@pytest.fixture
def conversation(request: pytest.FixtureRequest) -> str:
    """An episode that no other test uses."""
    return re.sub(r"[^a-z0-9]+", "-", request.node.name.lower())[:200] + ".1"


@pytest.fixture(scope="session", autouse=True)
def _cheap_passwords() -> Iterator[None]:
    """Passwords are hashed as in the product, but with the least effort, which takes a thousandth of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(technicians, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file as a new desk has it, to be copied."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    new_desk.make(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def _postgres() -> Iterator[tuple[str, Callable[[], None]]]:
    if postgres.binaries() is None:
        pytest.skip("PostgreSQL's server is not installed")
    # Not below pytest's own directory, which is for its owner only: the server runs as another user.
    with (
        TemporaryDirectory(prefix="firstline-postgres-") as directory,
        postgres.server(Path(directory)) as url,
        new_desk.made_again(url) as made_again,
    ):
        yield url, made_again


@pytest.fixture
def postgres_url(_postgres: tuple[str, Callable[[], None]]) -> Iterator[str]:
    """A PostgreSQL database as a new desk has it."""
    url, made_again = _postgres
    yield url
    made_again()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database as a new desk has it, on each of the two systems."""
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{shutil.copy(request.getfixturevalue('sqlite_template'), tmp_path / 'firstline.db')}"
