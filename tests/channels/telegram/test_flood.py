"""How fast a bot may send."""

from __future__ import annotations

from channels.telegram.flood import Gate


def test_thirty_messages_a_second_to_thirty_people() -> None:
    gate = Gate()
    assert [gate.take(f"{chat}", 0.0) for chat in range(30)] == [0.0] * 30
    assert gate.take("one more", 0.0) > 0
    assert gate.take("one more", 1.0) == 0


def test_a_few_at_once_to_one_and_then_one_a_second() -> None:
    gate = Gate(chat_burst=3)
    assert [gate.take("alice", 0.0) for _ in range(3)] == [0.0] * 3
    assert gate.take("alice", 0.0) == 1.0
    assert gate.take("bob", 0.0) == 0
    assert gate.take("alice", 1.0) == 0


def test_what_must_wait_counts_for_nothing() -> None:
    gate = Gate(rate=1, burst=1, chat_burst=9)
    gate.take("alice", 0.0)
    for _ in range(5):
        assert gate.take("bob", 0.5) == 0.5
    assert gate.take("bob", 1.0) == 0


def test_a_refused_chat_is_left_alone_and_no_other_is() -> None:
    gate = Gate()
    gate.refused("alice", 30, now=0.0)
    assert gate.take("alice", 10.0) == 20.0
    assert gate.closed("alice", 10.0) == 20.0
    assert gate.take("bob", 10.0) == 0
    assert gate.take("alice", 30.0) == 0
    assert gate.closed("alice", 30.0) == 0


def test_three_refused_chats_at_once_mean_everybody() -> None:
    gate = Gate()
    for chat in ("alice", "bob", "carol"):
        gate.refused(chat, 10, now=0.0)
    assert gate.take("dave", 4.0) == 6.0
    assert gate.take("dave", 10.0) == 0


def test_three_refused_chats_one_after_the_other_do_not() -> None:
    gate = Gate()
    for second, chat in enumerate(("alice", "bob", "carol")):
        gate.refused(chat, 1, now=second * 2.0)
    assert gate.take("dave", 5.0) == 0


def test_chats_at_rest_are_forgotten() -> None:
    gate = Gate(rate=1e9, burst=10**9)
    for chat in range(25_000):
        gate.take(f"{chat}", chat / 100)
    assert len(gate._chats) < 11_000
