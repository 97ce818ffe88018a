"""What stands in fields of forms."""

from __future__ import annotations

import re
from collections.abc import Mapping

from desk.model.errors import Invalid


def whole(form: Mapping[str, str], name: str) -> int | None:
    """The whole number in the field `name`; None when there is nothing in it.

    Raises:
        Invalid: it is none.
    """
    given = form.get(name, "").strip()
    if not given:
        return None
    # 18 digits at most, as ids have: others are none of ours.
    if not re.fullmatch(r"[0-9]{1,18}", given):
        raise Invalid(name, "number")
    return int(given)


def required(form: Mapping[str, str], name: str) -> int:
    """The whole number in the field `name`.

    Raises:
        Invalid: there is none.
    """
    found = whole(form, name)
    if found is None:
        raise Invalid(name, "number")
    return found
