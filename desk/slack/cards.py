"""What technicians see in their channel: the card of a conversation, and the messages in the thread below it. Pure.

Every block that has to be found again, and every button, carries the id of its card.
"""

from __future__ import annotations

from collections.abc import Sequence

from channels.contract import Attachment, Author, Owner
from desk.model.conversation import Conversation, Message
from desk.model.run import Run
from desk.model.slack import Card
from desk.model.ticket import State
from desk.model.work import WorkState
from desk.slack import blocks
from desk.slack.blocks import Block, cut, escape
from desk.slack_cards import Picture
from desk.wording import Texts

TAKE, REPLY, RESOLVE, TRANSFER = "desk_take", "desk_reply", "desk_resolve", "desk_transfer"
GIVE_BACK, RELEASE, SHOW, OPEN = "desk_give_back", "desk_release", "desk_show", "desk_open"
AGAIN, ANYWAY = "desk_again", "desk_anyway"
LET_IN, KEEP_APART = "desk_let_in", "desk_keep_apart"
"""Ids of what can be pressed."""

_SIGNS = {0: ":rotating_light:", 1: ":red_circle:", 2: ":large_orange_circle:", 3: ":large_yellow_circle:"}
_OTHER_SIGN = ":large_blue_circle:"
_SUBJECT, _QUESTION, _SAID = 250, 150, 400
_OPENING = 300
_DELIVERY_SIGNS = {"pending": ":hourglass_flowing_sand:", "done": ":white_check_mark:"}
_TROUBLE_SIGN = ":warning:"


def mark(card: int, what: object) -> str:
    """By what a post is found again in Slack, when it is not certain that it was posted: the id of its first block."""
    return f"firstline.{card}.{what}"


def customer(texts: Texts, conversation: Conversation) -> str:
    """What the customer is called."""
    return conversation.customer_name or texts("person.unnamed", number=conversation.customer)


def console_url(public_url: str, conversation: int) -> str:
    """Where a conversation is in the web console."""
    return f"{public_url}/desk/conversations/{conversation}"


def state(picture: Picture) -> str:
    """How it stands with the card, as a word to compare: with a technician's id, or a team's key."""
    conversation = picture.conversation
    if conversation.closed:
        return "closed"
    if picture.elsewhere:
        return f"moved:{picture.team.key if picture.team else ''}"
    if conversation.owner is Owner.TECHNICIAN:
        return f"technician:{conversation.technician}"
    return conversation.owner.value


def _state(texts: Texts, picture: Picture, group: str) -> str:
    kind = state(picture).partition(":")[0]
    if group == "state" and kind == "closed" and picture.ticket and picture.ticket.state is State.RESOLVED:
        kind = "resolved"
    team = picture.team.name(texts.language) if picture.team else ""
    name = picture.conversation.technician_name or texts("person.someone")
    return texts(f"{group}.{kind}", name=escape(name), team=escape(team))


def changed(texts: Texts, picture: Picture) -> blocks.Message:
    """The line in the thread that says how it stands now."""
    said = _state(texts, picture, "thread")
    revision = picture.conversation.revision
    name = mark(picture.card.id, f"state.{revision}.{state(picture)}")
    return blocks.Message([blocks.context(said, name=name)], said)


def card(texts: Texts, picture: Picture, public_url: str) -> blocks.Message:
    """The card itself."""
    conversation, ticket = picture.conversation, picture.ticket
    sign = _SIGNS.get(ticket.priority, _OTHER_SIGN) if ticket else _OTHER_SIGN
    subject = cut(ticket.subject, _SUBJECT) if ticket else "…"
    number = f"{ticket.number} · " if ticket else ""
    now = _state(texts, picture, "state")
    title = f"{sign} *{number}{escape(subject)}*\n{now}"
    made: list[Block] = [
        blocks.section(blocks.marked(title), name=mark(picture.card.id, "card")),
        blocks.fields(_facts(texts, picture)),
        blocks.context(f"*{texts('card.diagnosis')}:* {escape(brief(texts, picture.runs))}"),
        *_note(picture),
        *_stranger(texts, picture),
        {"type": "actions", "elements": _buttons(texts, picture, public_url)},
    ]
    if picture.follows:
        made.append(blocks.context(texts("card.internal")))
    who = customer(texts, conversation)
    told = texts("card.notification", state=now, subject=escape(number + subject), customer=escape(who))
    return blocks.Message(made, cut(told, blocks.MAX_NOTIFICATION))


def _note(picture: Picture) -> list[Block]:
    note = picture.ticket.note if picture.ticket else None
    return [blocks.section(blocks.plain(cut(note, _SAID)))] if note else []


def _stranger(texts: Texts, picture: Picture) -> list[Block]:
    """Who began it does not take part in what they answer: whether they may is to be decided here, too."""
    if picture.stranger is None or not picture.follows:
        return []
    address, value = escape(picture.stranger.address), str(picture.card.id)
    said = texts("stranger.waiting", address=address, where=picture.answered or texts("stranger.a_conversation"))
    let_in, apart = texts("stranger.let_in"), texts("stranger.keep_apart")
    sure = blocks.confirm(let_in, texts("stranger.sure"), texts("confirm.yes"), texts("confirm.no"))
    pressed = [blocks.button(LET_IN, let_in, value, confirm=sure), blocks.button(KEEP_APART, apart, value)]
    return [blocks.section(blocks.marked(said)), {"type": "actions", "elements": pressed}]


def _facts(texts: Texts, picture: Picture) -> list[tuple[str, str]]:
    conversation, ticket = picture.conversation, picture.ticket
    found = [
        (texts("card.customer"), escape(customer(texts, conversation))),
        (texts("card.by"), escape(_channel(texts, conversation))),
    ]
    if ticket is not None:
        found.append((texts("card.priority"), texts.label("priority", ticket.priority)))
    if picture.team is not None:
        found.append((texts("card.team"), escape(picture.team.name(texts.language))))
    if conversation.reason is not None and not conversation.closed:
        found.append((texts("card.reason"), escape(texts.label("reason", conversation.reason.value))))
    if conversation.waiting_since is not None and not conversation.closed:
        found.append((texts("card.waiting"), blocks.moment(conversation.waiting_since)))
    return found


def _channel(texts: Texts, conversation: Conversation) -> str:
    where = texts.label("channel", conversation.channel)
    return f"{where}, {texts.label('language', conversation.language)}" if conversation.language else where


def brief(texts: Texts, runs: Sequence[Run]) -> str:
    """The diagnosis in a line: the procedure that ran last, how it stands, and what was tried last."""
    if not runs:
        return texts("card.no_diagnosis")
    run = runs[-1]
    begin = f"{run.title} ({texts.label('run_state', run.state)})"
    if not run.steps:
        return begin
    last = run.steps[-1]
    answer = cut(last.answer_text or last.answer or texts.label("result", last.result), _QUESTION)
    values = {"count": len(run.steps), "question": cut(last.question, _QUESTION), "answer": answer}
    return f"{begin}: " + texts("card.one_step" if len(run.steps) == 1 else "card.steps", **values)


def _buttons(texts: Texts, picture: Picture, public_url: str) -> list[Block]:
    value = str(picture.card.id)
    made: list[Block] = []
    if picture.follows:
        made = _moves(texts, picture, value)
    made.append(blocks.button(SHOW, texts("card.show"), value))
    link = blocks.button(OPEN, texts("card.open"), value)
    return [*made, {**link, "url": console_url(public_url, picture.conversation.id)}]


def _moves(texts: Texts, picture: Picture, value: str) -> list[Block]:
    if picture.conversation.owner is Owner.QUEUE:
        return [blocks.button(TAKE, texts("card.take"), value, style="primary")]
    found = [
        blocks.button(REPLY, texts("card.reply"), value, style="primary"),
        blocks.button(RESOLVE, texts("card.resolve"), value),
        blocks.button(TRANSFER, texts("card.transfer"), value),
    ]
    for action, key in ((GIVE_BACK, "give_back"), (RELEASE, "release")):
        title = texts(f"card.{key}")
        sure = blocks.confirm(title, texts(f"confirm.{key}"), texts("confirm.yes"), texts("confirm.no"))
        found.append(blocks.button(action, title, value, confirm=sure))
    return found


def announcement(texts: Texts, team: str) -> blocks.Message:
    """What is posted in a team's channel to try it out."""
    said = texts("team.test", team=escape(team))
    return blocks.Message([blocks.section(blocks.marked(said))], said)


def opening(texts: Texts, picture: Picture) -> blocks.Message:
    """What was said before the card was made, in one message."""
    title = texts("thread.opening")
    lines: list[Block] = [blocks.context(f"*{title}*", name=mark(picture.card.id, "opening"))]
    for message in picture.opening:
        head = blocks.context(_head(texts, picture.conversation, message))
        lines += [head, blocks.section(blocks.plain(cut(_gist(texts, message), _OPENING)))]
    return blocks.Message(lines[: blocks.MAX_BLOCKS], title)


def message(texts: Texts, conversation: Conversation, card: Card, said: Message, public_url: str) -> blocks.Message:
    """One message of the conversation, with the state of its delivery when a technician sent it.

    Files are links into the web console: they do not leave the desk.
    """
    head = _head(texts, conversation, said)
    made = [blocks.context(head, name=mark(card.id, said.seq)), *blocks.words(_words(texts, said))]
    if said.attachments:
        links = ", ".join(_link(public_url, attachment) for attachment in said.attachments)
        made.append(blocks.context(texts("thread.files", links=links)))
    standing = delivery(said)
    if standing is not None:
        made.append(blocks.context(_delivery(texts, conversation, said, standing)))
    if standing in {WorkState.FAILED.value, WorkState.UNKNOWN.value}:
        again = blocks.button(AGAIN, texts("card.again"), f"{card.id} {said.id}")
        made.append({"type": "actions", "elements": [again]})
    return blocks.Message(made[: blocks.MAX_BLOCKS], cut(f"{head}\n{escape(said.gist)}", blocks.MAX_NOTIFICATION))


def _link(public_url: str, attachment: Attachment) -> str:
    return f"<{public_url}/desk/files/{attachment.id}|{escape(attachment.name.replace('|', ' '))}>"


def _words(texts: Texts, said: Message) -> str:
    if said.deleted:
        return texts("thread.taken_back")
    return texts("thread.chosen", title=said.choice.title) if said.choice else said.text


def _gist(texts: Texts, said: Message) -> str:
    return _words(texts, said) or said.gist


def _head(texts: Texts, conversation: Conversation, said: Message) -> str:
    who = {
        Author.CUSTOMER: customer(texts, conversation),
        Author.BOT: texts("person.bot"),
        Author.DESK: texts("person.desk"),
        Author.TECHNICIAN: said.name or texts("person.someone"),
    }[said.author]
    head = f"*{escape(who)}*"
    edited = f" · {texts('thread.edited')}" if said.edited_at and not said.deleted else ""
    if said.internal:
        return f"{head} · {texts('thread.note')}{edited}"
    if said.author is Author.TECHNICIAN:
        channel = (said.to.channel if said.to else None) or conversation.channel
        to = {"customer": escape(customer(texts, conversation)), "channel": texts.label("channel", channel)}
        return f"{head} {texts('thread.to', **to)}"
    if said.came_by is not None:
        head += f" · {texts.label('channel', said.came_by.channel)}"
    return head + edited


def delivery(said: Message) -> str | None:
    """The state of a delivery that is said in the thread: of what technicians write; of others' words, trouble only."""
    if said.delivery is None or said.internal:
        return None
    standing = WorkState.PENDING.value if said.delivery == WorkState.CLAIMED.value else said.delivery
    told = said.author is Author.TECHNICIAN or standing in {WorkState.FAILED.value, WorkState.UNKNOWN.value}
    return standing if told else None


def _delivery(texts: Texts, conversation: Conversation, said: Message, standing: str) -> str:
    sign = _DELIVERY_SIGNS.get(standing, _TROUBLE_SIGN)
    error = escape(said.delivery_error or "")
    return f"{sign} " + texts(f"delivery.{standing}", customer=escape(customer(texts, conversation)), error=error)
