"""A catalogue to JSON and back: what the model archive holds, so that an engine needs no YAML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from bot.procedures.model import (
    Ask,
    Branch,
    Call,
    Catalogue,
    Check,
    Choice,
    Do,
    Escalate,
    Help,
    Instruct,
    Option,
    Procedure,
    Resolve,
    Return,
    Say,
    Step,
    Text,
    kind,
)
from bot.procedures.words import Words

_STEPS: tuple[type[Step], ...] = (Ask, Instruct, Check, Say, Branch, Call, Do, Resolve, Escalate, Return)
_TEXTS = ("label", "text", "why", "note")


def to_json(catalogue: Catalogue) -> dict[str, Any]:
    """Plain dicts, lists, strings and numbers."""
    data = asdict(catalogue)
    for name, procedure in catalogue.procedures.items():
        for step_id, step in procedure.steps.items():
            data["procedures"][name]["steps"][step_id]["kind"] = kind(step)
    return data


def from_json(data: Mapping[str, Any]) -> Catalogue:
    """The inverse of `to_json`, also after a round trip through text (where tuples became lists)."""
    return Catalogue(
        procedures={name: _procedure(p) for name, p in data["procedures"].items()},
        sentences={name: Text(**t) for name, t in data["sentences"].items()},
        words=Words(**{name: tuple(words) for name, words in data["words"].items()}),
        standard={name: _option(option) for name, option in data["standard"].items()},
        impacts=data["impacts"],
        common=tuple(data["common"]),
    )


def _procedure(data: Mapping[str, Any]) -> Procedure:
    return Procedure(
        **{
            **data,
            "title": Text(**data["title"]),
            "summary": Text(**data["summary"]),
            "steps": {name: _step(step) for name, step in data["steps"].items()},
            "intents": tuple(data["intents"]),
            "examples": {language: tuple(e) for language, e in data["examples"].items()},
        }
    )


def _step(data: Mapping[str, Any]) -> Step:
    step_type = next(t for t in _STEPS if t.__name__.lower() == data["kind"])
    values = {f.name: data[f.name] for f in fields(step_type)}
    for name in _TEXTS:
        if values.get(name) is not None:
            values[name] = Text(**values[name])
    if values.get("help") is not None:
        values["help"] = _help(values["help"])
    if "choices" in values:
        values["choices"] = tuple(Choice(_option(c["option"]), c["next"]) for c in values["choices"])
    if "facts" in values:
        values["facts"] = tuple(values["facts"])
    if "already" in values:
        values["already"] = tuple(values["already"])
    if "opening" in values:
        values["opening"] = tuple(_option(option) for option in values["opening"])
    return step_type(**values)


def _option(data: Mapping[str, Any]) -> Option:
    return Option(data["id"], Text(**data["title"]), tuple(data["synonyms"]))


def _help(data: Mapping[str, Any]) -> Help:
    return Help(data["en"], data["nl"], {system: Text(**text) for system, text in data["systems"].items()})
