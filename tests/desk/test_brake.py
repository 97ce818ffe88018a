"""The brake on guessing passwords."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from desk.brake import Brake

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ALICE, BOB = ("alice@example.org", "10.0.0.1"), ("alice@example.org", "10.0.0.2")


def test_too_many_attempts_must_wait_and_others_need_not() -> None:
    brake = Brake(allowed=2, window=timedelta(minutes=10))
    assert brake.attempt(ALICE, NOW) is None
    assert brake.attempt(ALICE, NOW) is None
    assert brake.attempt(ALICE, NOW + timedelta(minutes=4)) == timedelta(minutes=6)
    assert brake.attempt(BOB, NOW) is None
    assert brake.attempt(ALICE, NOW + timedelta(minutes=10)) is None


def test_a_right_password_forgets_the_wrong_ones() -> None:
    brake = Brake(allowed=1)
    brake.attempt(ALICE, NOW)
    brake.release(ALICE)
    assert brake.attempt(ALICE, NOW) is None


def test_memory_stays_bounded_and_who_keeps_trying_is_not_forgotten() -> None:
    brake = Brake(allowed=1, capacity=3)
    brake.attempt(ALICE, NOW)
    for number in range(10):
        brake.attempt((f"{number}@example.org", "10.0.0.3"), NOW)
        assert brake.attempt(ALICE, NOW) is not None
    assert len(brake) == 3
