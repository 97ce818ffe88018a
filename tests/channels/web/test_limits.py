"""How fast one browser may go."""

from __future__ import annotations

import pytest

from channels.bucket import Bucket


def test_a_burst_is_allowed_and_then_the_rate() -> None:
    bucket = Bucket(rate=5, burst=10, now=0.0)
    assert [bucket.take(0.0) for _ in range(11)] == [True] * 10 + [False]
    assert bucket.wait(0.0) == pytest.approx(0.2)
    assert not bucket.take(0.1)
    assert bucket.take(0.2)
    assert not bucket.take(0.2)


def test_a_rest_never_saves_up_more_than_a_burst() -> None:
    bucket = Bucket(rate=5, burst=2, now=0.0)
    assert [bucket.take(3_600.0) for _ in range(3)] == [True, True, False]
