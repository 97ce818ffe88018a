"""One message of ours as several of a network's."""

from __future__ import annotations

import asyncio

import pytest

from channels import parts
from channels.contract import DeliveryFailed


class Line:
    """A network that takes parts one by one; `troubles` are raised instead, by the number of the part."""

    def __init__(self, troubles: dict[int, DeliveryFailed] | None = None, *, silent: bool = False) -> None:
        self.arrived: list[int] = []
        self._troubles = troubles or {}
        self._silent = silent

    async def take(self, number: int) -> str | None:
        if number in self._troubles:
            raise self._troubles.pop(number)
        if self._silent:
            await asyncio.Event().wait()
        self.arrived.append(number)
        return None if number == 3 else f"id{number}"

    async def send(self, number: int, progress: int = 0) -> str | None:
        """`number` parts, beginning after `progress`."""
        made = [lambda part=part: self.take(part) for part in range(1, number + 1)]
        return await parts.send(made, progress, asyncio.get_running_loop().time())

    async def fails(self, number: int, progress: int = 0) -> DeliveryFailed:
        with pytest.raises(DeliveryFailed) as raised:
            await self.send(number, progress)
        return raised.value


async def test_parts_arrive_in_order_and_the_last_that_has_an_id_names_the_message() -> None:
    line = Line()
    assert await line.send(3) == "id2"
    assert line.arrived == [1, 2, 3]


async def test_the_next_attempt_goes_on_after_what_has_arrived() -> None:
    line = Line({3: DeliveryFailed("busy", retry_after=7)})
    failed = await line.fails(4)
    assert (failed.progress, failed.retry_after) == (2, 7)
    assert failed.progress is not None
    assert await line.send(4, failed.progress) == "id4"
    assert line.arrived == [1, 2, 3, 4]


async def test_what_fails_again_is_no_step_back() -> None:
    line = Line({3: DeliveryFailed("busy")})
    assert (await line.fails(4, progress=2)).progress == 2


async def test_a_part_that_is_not_answered_may_have_arrived_and_those_before_it_have(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(parts, "WITHIN", 0.01)
    failed = await Line(silent=True).fails(3, progress=1)
    assert (failed.unknown, failed.progress) == (True, 1)


async def test_a_message_that_takes_too_long_leaves_the_rest_to_the_next_attempt_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(parts, "BEGUN_WITHIN", -1)
    failed = await Line().fails(3, progress=1)
    assert (failed.retry_after, failed.progress) == (0, 1)


async def test_a_message_without_parts_has_no_id() -> None:
    assert await Line().send(0) is None
