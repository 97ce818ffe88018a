"""The running assistant, one for the whole session, and the desk it calls."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

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
