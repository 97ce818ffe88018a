"""The sender's own words, machines and bounces in real mails, which are kept outside the repository."""

from __future__ import annotations

import pytest

from bench import email_replies
from bench.email_data import REAL


@pytest.mark.slow
@pytest.mark.skipif(not REAL.is_dir(), reason=f"the real mails are not at hand: {REAL} is missing")
def test_replies_machines_and_bounces_are_read_as_often_as_is_wanted() -> None:
    missed = [measure for measure in email_replies.measures() if not measure.reached]
    assert not missed, missed
