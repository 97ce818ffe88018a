"""What a pressed button means at this point of the conversation."""

from __future__ import annotations

from collections.abc import Mapping

from bot.procedures import commands as c
from bot.procedures.effects import DID, FAILED, WORKED
from bot.procedures.model import TURN_STEPS, Ask, Catalogue
from bot.procedures.state import Run, Spot, State, Visit
from bot.procedures.told import ahead

COMMAND_BUTTONS: Mapping[str, c.Command] = {
    "human": c.Human(),
    "cancel": c.Cancel(),
    "back": c.GoBack(),
    "skip": c.Skip(),
    "explain": c.Explain(),
    "repeat": c.Repeat(),
    "resume": c.Repeat(),
    "restart": c.Restart(),
    "yes": c.Confirm(True),
    "no": c.Confirm(False),
}
UNKNOWN_OPTION = "unknown"
"""The option id of the "I don't know" button; no procedure may use it."""


def pressed(catalogue: Catalogue, state: State, choice: str, entities: Mapping[str, str]) -> c.Command:
    """What the button with the payload `choice` means now; `Stale` when its question is gone."""
    kind, _, rest = choice.partition(":")
    if kind == "answer" and rest.count(":") == 2:
        procedure, step, option = rest.split(":")
        return _answer(catalogue, state, Spot(procedure, step), option)
    if kind == "start" and rest in catalogue.procedures and not catalogue.procedures[rest].shared:
        return c.Start(rest, entities)
    if kind == "command" and rest in COMMAND_BUTTONS:
        return COMMAND_BUTTONS[rest]
    return c.Stale()


def _answer(catalogue: Catalogue, state: State, spot: Spot, option: str) -> c.Command:
    """The pending step of any unfinished run first (the active one before the others), then their trails."""
    runs = [state.run(r) for r in reversed(state.stack)]
    for run in runs:
        tried = tried_by(run, spot, option)
        if tried is not None:
            return c.Tried(tried, run.id)
    for run in runs:
        if run.spot == spot and _offers(catalogue, run, option):
            return c.Unknown() if option == UNKNOWN_OPTION else c.Answer(option, run.id)
    following = ahead(catalogue, state)
    if following is not None and following.spot == spot and _offers(catalogue, following, option):
        return c.Ahead(c.Unknown() if option == UNKNOWN_OPTION else c.Answer(option))
    for run in runs:
        visit = _last_visit(run, spot)
        if visit is not None and option != UNKNOWN_OPTION and _offers(catalogue, run.rewound(visit), option):
            return c.Correct(run.id, visit, option)
    return c.Stale()


def tried_by(run: Run, spot: Spot, result: str) -> tuple[str, ...] | None:
    """What a button below a list of instructions says of them, from the first on; None when it is no such button."""
    places = [place[-1] for place in run.listed]
    if result not in (WORKED, FAILED, DID) or spot not in places:
        return None
    return (*(FAILED,) * places.index(spot), result)


def _offers(catalogue: Catalogue, run: Run, option: str) -> bool:
    """Whether the run's step shows that option."""
    step = catalogue.step(*run.spot)
    if isinstance(step, Ask) and step.offered and any(option == value for value, _ in run.options):
        return True
    return isinstance(step, TURN_STEPS) and (option == UNKNOWN_OPTION or step.choice(option) is not None)


def _last_visit(run: Run, spot: Spot) -> int | None:
    """Index of the visit of `spot` that holds."""
    return next((i for i in range(len(run.visits) - 1, -1, -1) if _holds(run.visits[i], spot)), None)


def _holds(visit: Visit, spot: Spot) -> bool:
    return visit.spot == spot and not visit.superseded
