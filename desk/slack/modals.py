"""The forms that technicians fill in, and what they see of a diagnosis. Pure.

A form that opens has nothing in it yet: Slack gives three seconds from the press of a button to its form, and what
stands in it is read meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import batched

from desk.conversations import MAX_REPLY
from desk.model.conversation import Conversation, Message
from desk.model.run import Run
from desk.model.team import Team
from desk.model.technician import Technician
from desk.model.ticket import Ticket
from desk.slack import blocks
from desk.slack.blocks import Block, escape
from desk.slack.cards import customer
from desk.wording import Texts

REPLY, RESOLVE, TRANSFER, SHOWN = "desk_reply_form", "desk_resolve_form", "desk_transfer_form", "desk_shown"
"""Ids of the forms."""

View = dict[str, object]
MAX_TITLE = 24
MAX_INPUT = 3000
"""Characters that Slack lets somebody type into one field."""
_MAX_BLOCKS = 100
_MAX_OPTIONS = 100
"""Entries in one group of a menu, which may have as many groups."""
_UNSEEN = 5


@dataclass(frozen=True, slots=True)
class Kept:
    """What a form remembers while it is open."""

    card: int
    seen: int = 0
    """The newest message that its reader has seen."""

    def written(self) -> str:
        """As Slack keeps it."""
        return json.dumps({"card": self.card, "seen": self.seen})


def read_kept(text: str) -> Kept:
    """The reverse of `Kept.written`."""
    kept = json.loads(text)
    return Kept(int(kept["card"]), int(kept["seen"]))


def _view(texts: Texts, key: str, callback: str, made: Sequence[Block], kept: Kept | None = None) -> View:
    view: View = {
        "type": "modal",
        "callback_id": callback,
        "title": blocks.plain(texts(f"modal.{key}.title"), MAX_TITLE),
        "close": blocks.plain(texts("modal.close" if kept is None else "modal.cancel"), MAX_TITLE),
        "blocks": list(made)[:_MAX_BLOCKS],
    }
    if kept is None:
        return view
    submit = texts(f"modal.{key}.submit")
    return {**view, "private_metadata": kept.written(), "submit": blocks.plain(submit, MAX_TITLE)}


def waiting(texts: Texts, key: str) -> View:
    """What stands in a form until it is known what belongs there."""
    return _view(texts, key, SHOWN, [blocks.section(blocks.plain(texts("modal.wait")))])


def refused(texts: Texts, why: str) -> View:
    """Why a form does not open."""
    return {
        "type": "modal",
        "callback_id": SHOWN,
        "title": blocks.plain(texts("modal.refused"), MAX_TITLE),
        "close": blocks.plain(texts("modal.close"), MAX_TITLE),
        "blocks": [blocks.section(blocks.marked(why))],
    }


def _input(name: str, label: str, element: Block, *, hint: str = "", optional: bool = False) -> Block:
    made: Block = {
        "type": "input",
        "block_id": name,
        "label": blocks.plain(label, 2000),
        "element": {**element, "action_id": name},
        "optional": optional,
    }
    return {**made, "hint": blocks.plain(hint, 2000)} if hint else made


def _text(*, initial: str = "") -> Block:
    element: Block = {"type": "plain_text_input", "multiline": True, "max_length": min(MAX_INPUT, MAX_REPLY)}
    return {**element, "initial_value": initial} if initial else element


def reply(
    texts: Texts,
    conversation: Conversation,
    kept: Kept,
    *,
    text: str = "",
    keep_open: bool = False,
    unseen: Sequence[Message] = (),
) -> View:
    """The form for a reply. `unseen`: what was written meanwhile, which makes it a question whether to send it."""
    who = {"customer": customer(texts, conversation), "channel": texts.label("channel", conversation.channel)}
    made: list[Block] = []
    if unseen:
        made.append(blocks.section(blocks.marked(f":warning: *{texts('modal.reply.changed')}*")))
        made += quoted(texts, conversation, unseen)
    option = {"text": blocks.plain(texts("modal.reply.keep_open"), 75), "value": "keep_open"}
    checks: Block = {"type": "checkboxes", "options": [option]}
    if keep_open:
        checks["initial_options"] = [option]
    made += [
        _input("text", texts("modal.reply.text"), _text(initial=text), hint=texts("modal.reply.lead", **who)),
        _input("options", texts("modal.reply.options"), checks, optional=True),
    ]
    view = _view(texts, "reply", REPLY, made, kept)
    return {**view, "submit": blocks.plain(texts("modal.reply.anyway"), MAX_TITLE)} if unseen else view


def quoted(texts: Texts, conversation: Conversation, messages: Sequence[Message]) -> list[Block]:
    """What others wrote, the newest few."""
    made: list[Block] = []
    for message in messages[-_UNSEEN:]:
        who = message.name or customer(texts, conversation)
        if message.author.value == "bot":
            who = texts("person.bot")
        made += [blocks.context(f"*{escape(who)}*"), blocks.section(blocks.plain(message.gist))]
    return made


def resolve(texts: Texts, kept: Kept) -> View:
    """The form that ends a case."""
    made = [
        _input("resolution", texts("modal.resolve.resolution"), _text(), hint=texts("modal.resolve.resolution_hint")),
        _input("cause", texts("modal.resolve.cause"), _text(), hint=texts("modal.resolve.cause_hint"), optional=True),
    ]
    return _view(texts, "resolve", RESOLVE, made, kept)


def transfer(texts: Texts, teams: Sequence[Team], colleagues: Sequence[Technician], kept: Kept) -> View:
    """The form that passes a case on, to one of `teams` or `colleagues`."""
    to_teams = sorted((team.name(texts.language), f"team:{team.key}") for team in teams)
    to_people = sorted((one.name, f"colleague:{one.id}") for one in colleagues)
    groups = [
        {"label": blocks.plain(texts(f"modal.transfer.{key}"), 75), "options": [_option(*one) for one in choices]}
        for key, all_of_them in (("teams", to_teams), ("colleagues", to_people))
        for choices in batched(all_of_them, _MAX_OPTIONS)
    ]
    select: Block = {
        "type": "static_select",
        "placeholder": blocks.plain(texts("modal.transfer.choose"), 150),
        "option_groups": groups,
    }
    made = [
        _input("to", texts("modal.transfer.to"), select),
        _input("note", texts("modal.transfer.note"), _text(), hint=texts("modal.transfer.note_hint")),
    ]
    return _view(texts, "transfer", TRANSFER, made, kept)


def _option(title: str, value: str) -> Block:
    return {"text": blocks.plain(title, 75), "value": value}


def diagnosis(texts: Texts, ticket: Ticket | None, runs: Sequence[Run]) -> View:
    """Everything that was tried, the newest procedure first."""
    made: list[Block] = []
    if ticket is not None and ticket.note:
        made += [blocks.context(f"*{texts('modal.diagnosis.note')}*"), blocks.section(blocks.plain(ticket.note))]
    for run in reversed(runs):
        made += _run(texts, run)
    if ticket is not None and ticket.facts:
        made += _known(texts, ticket.facts)
    if not runs:
        made.append(blocks.section(blocks.plain(texts("modal.diagnosis.none"))))
    if len(made) > _MAX_BLOCKS:
        made = [*made[: _MAX_BLOCKS - 1], blocks.context(texts("modal.diagnosis.more"))]
    return _view(texts, "diagnosis", SHOWN, made)


def _run(texts: Texts, run: Run) -> list[Block]:
    title = f"*{escape(run.title)}* · {texts.label('run_state', run.state)}"
    made: list[Block] = [blocks.section(blocks.marked(title))]
    for step in run.steps:
        answer = step.answer_text or step.answer or texts.label("result", step.result)
        by = f" ({texts('modal.diagnosis.by', name=step.by)})" if step.by else ""
        made.append(blocks.section(blocks.plain(f"{step.position}. {step.question}\n→ {answer}{by}")))
    untried = [each.title for each in run.untried]
    if untried:
        made.append(blocks.context(f"*{texts('modal.diagnosis.untried')}:* {escape(', '.join(untried))}"))
    if run.facts:
        made += _known(texts, run.facts)
    return made


def _known(texts: Texts, facts: Mapping[str, str]) -> list[Block]:
    known = "; ".join(f"{name.replace('_', ' ')}: {value}" for name, value in facts.items())
    return [blocks.context(f"*{texts('modal.diagnosis.facts')}:* {escape(known)}")]
