"""What can go wrong at the desk, for callers to tell apart. Pages and API translate these; nothing else is expected."""

from __future__ import annotations


class DeskError(Exception):
    """Something the caller asked for cannot be done; nothing was changed."""


class NotFound(DeskError):
    """There is no such thing. `what` names the kind (``conversation``), `key` what was asked for."""

    def __init__(self, what: str, key: object) -> None:
        super().__init__(f"{what} {key} does not exist")
        self.what = what
        self.key = key


class Conflict(DeskError):
    """Somebody else was faster, or the thing is no longer in a state that allows the move.

    Show the caller the present state and let them decide again. `holder` is the display name of the technician who has
    it now, if one has.
    """

    def __init__(self, move: str, state: str, holder: str | None = None) -> None:
        super().__init__(f"cannot {move}: it is {state}" + (f" ({holder})" if holder else ""))
        self.move = move
        self.state = state
        self.holder = holder


class NotAllowed(DeskError):
    """The technician's role does not permit it."""

    def __init__(self, permission: str) -> None:
        super().__init__(f"not permitted: {permission}")
        self.permission = permission


class Invalid(DeskError):
    """A value is not acceptable. `field` names it, `rule` says which rule it broke (a key for texts)."""

    def __init__(self, field: str, rule: str) -> None:
        super().__init__(f"{field}: {rule}")
        self.field = field
        self.rule = rule
