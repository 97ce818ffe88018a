"""One browser's connection: hello, what it missed, then live in both directions.

Two tasks share it. `_listen` reads frames and answers each; `_pump` sends what is new whenever the desk says so. A slow
client blocks only its own two tasks: the desk merges wake-ups, and the pump asks for everything after what was sent.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from channels.bucket import Bucket
from channels.contract import Attachment, Log, Rejected, Situation
from channels.texts import DEFAULT, Texts
from channels.web import link, parse, render, token
from channels.web.limits import Limits
from channels.web.parse import BadFrame, FrameCode

logger = logging.getLogger(__name__)

UNAVAILABLE = "unavailable"
"""Code of a rejection that is our fault: the client keeps the message and tries again."""


class Gone(Exception):
    """The client has left, or does not take what we send. It will come back and resume."""


class Socket(Protocol):
    """What a connection needs of a WebSocket."""

    async def receive(self) -> str | bytes | None:
        """The next frame; None when the client has left."""
        ...

    async def send(self, text: str) -> None:
        """Send one text frame. Raises `Gone`."""
        ...


@dataclass(frozen=True, slots=True)
class Setting:
    """What all connections of a web channel have in common."""

    kind: str
    secret: bytes
    desk: Log
    texts: Texts
    limits: Limits
    now: Callable[[], datetime]
    max_file: int
    """Bytes in one file."""


class Connection:
    """Runs one client until it leaves."""

    def __init__(self, socket: Socket, setting: Setting) -> None:
        self._socket = socket
        self._setting = setting
        self._desk = setting.desk
        self._clock = asyncio.get_running_loop().time
        limits, now = setting.limits, self._clock()
        self._messages = Bucket(limits.messages_per_second, limits.messages_burst, now)
        self._frames = Bucket(limits.frames_per_second, limits.frames_burst, now)
        self._visitor: str | None = None
        self._language: str | None = None
        self._sent = 0
        self._shown: Situation | None = None
        self._acked = 0
        self._acknowledging: asyncio.Task[None] | None = None
        self._inviting: asyncio.Task[None] | None = None
        self._typed_at = now - limits.typing_every

    async def run(self) -> None:
        """Serve the client. Returns when it has left; whatever else ends it is the desk's failure, and raised."""
        try:
            async with asyncio.TaskGroup() as tasks:
                await self._listen(tasks)
                raise Gone  # ends the pump with us
        except* Gone:
            pass

    async def _listen(self, tasks: asyncio.TaskGroup) -> None:
        while (raw := await self._socket.receive()) is not None:
            if not self._frames.take(self._clock()):
                await asyncio.sleep(self._frames.wait(self._clock()))
            try:
                await self._handle(parse.frame(raw), tasks)
            except BadFrame as bad:
                await self._refuse(bad)

    async def _handle(self, frame: parse.ClientFrame, tasks: asyncio.TaskGroup) -> None:
        match frame:
            case parse.Ping():
                await self._send(render.pong())
            case parse.Hello() if self._visitor is None:
                await self._hello(frame, tasks)
            case parse.Hello():
                raise BadFrame(FrameCode.MALFORMED)
            case _ if self._visitor is None:
                raise BadFrame(FrameCode.HELLO_FIRST, frame.id if isinstance(frame, parse.Message) else None)
            case parse.Message():
                await self._message(frame, self._visitor)
            case parse.Ack():
                self._acknowledge(frame.seq, self._visitor, tasks)
            case parse.Typing():
                await self._typing(self._visitor)
            case parse.Elsewhere() if self._inviting is None or self._inviting.done():
                # Beside the rest: other channels may have to ask their networks first.
                self._inviting = tasks.create_task(self._invite(self._visitor))
            case parse.Elsewhere():
                pass  # it is being found out already

    async def _hello(self, hello: parse.Hello, tasks: asyncio.TaskGroup) -> None:
        self._language = hello.language
        secret = self._setting.secret
        try:
            visitor = await self._join(hello.code) if hello.token is None else token.verify(hello.token, secret)
        except Rejected as rejected:
            await self._send(render.error(rejected.reason, self._text(rejected.reason)))
            return
        situation = (await self._desk.news(self._setting.kind, visitor, hello.after)).situation
        # A client may remember more than there is, when the record was restored from a backup.
        self._sent = min(hello.after, situation.last_seq)
        self._visitor, self._shown = visitor, situation
        language = self._setting.texts.spoken(situation.language, hello.language) or DEFAULT
        await self._send(render.welcome(token.sign(visitor, secret), language, situation, self._setting.max_file))
        tasks.create_task(self._pump(visitor))

    async def _join(self, code: str | None) -> str:
        """Somebody new: with a code they go on with a conversation that was begun elsewhere.

        Raises:
            BadFrame: the code leads to none.
        """
        visitor = token.new_visitor()
        if code is not None:
            try:
                await self._desk.join(self._setting.kind, visitor, "", code)
            except Rejected as rejected:
                raise BadFrame(FrameCode.BAD_LINK) from rejected
        return visitor

    async def _message(self, message: parse.Message, visitor: str) -> None:
        setting = self._setting
        if not self._messages.take(self._clock()):
            await self._reject(message.id, "too_fast")
            return
        try:
            incoming = parse.incoming(
                message, channel=setting.kind, address=visitor, language=self._language, received_at=setting.now()
            )
            accepted = await self._desk.accept(incoming)
        except Rejected as rejected:
            await self._reject(message.id, rejected.reason)
        except Exception:  # whatever it is, the customer must learn that the message is not stored
            logger.exception("message %s was not accepted", message.id)
            await self._reject(message.id, UNAVAILABLE)
        else:
            await self._send(render.accepted(message.id, accepted))

    def _acknowledge(self, seq: int, visitor: str, tasks: asyncio.TaskGroup) -> None:
        self._acked = max(self._acked, min(seq, self._sent))  # nobody can have shown what was not sent
        if self._acknowledging is None or self._acknowledging.done():
            self._acknowledging = tasks.create_task(self._write_acknowledgement(visitor))

    async def _write_acknowledgement(self, visitor: str) -> None:
        """One write for all acknowledgements of a second; also when the client leaves meanwhile."""
        try:
            await asyncio.sleep(self._setting.limits.acknowledge_every)
        finally:
            await self._desk.acknowledge(self._setting.kind, visitor, self._acked)

    async def _typing(self, visitor: str) -> None:
        now = self._clock()
        if now - self._typed_at >= self._setting.limits.typing_every:
            self._typed_at = now
            await self._desk.typing(self._setting.kind, visitor)

    async def _invite(self, visitor: str) -> None:
        elsewhere = await self._desk.elsewhere(self._setting.kind, visitor)
        await self._send(render.elsewhere(elsewhere.ways if elsewhere else ()))

    async def _pump(self, visitor: str) -> None:
        """Send what was missed, then what comes."""
        setting = self._setting

        def link_to(attachment: Attachment) -> str:
            return link.address(attachment, visitor, setting.now(), setting.secret)

        async with aclosing(self._desk.watch(self._setting.kind, visitor)) as wakes:
            async for _ in wakes:
                news = await self._desk.news(self._setting.kind, visitor, self._sent)
                for outgoing in news.messages:
                    await self._send(render.message(outgoing, link_to))
                    self._sent = outgoing.seq
                if self._differs(news.situation):
                    await self._send(render.situation(news.situation))
                self._shown = news.situation

    def _differs(self, situation: Situation) -> bool:
        return self._shown is None or render.situation(situation) != render.situation(self._shown)

    async def _refuse(self, bad: BadFrame) -> None:
        if bad.message_id is not None:
            await self._reject(bad.message_id, bad.code)
        else:
            await self._send(render.error(bad.code, self._text(bad.code)))

    async def _reject(self, message_id: str, code: str) -> None:
        await self._send(render.rejected(message_id, code, self._text(code)))

    def _text(self, code: str) -> str:
        return self._setting.texts.say(f"errors.{code}", self._language)

    async def _send(self, frame: render.Frame) -> None:
        try:
            async with asyncio.timeout(self._setting.limits.send_timeout):
                await self._socket.send(json.dumps(frame, separators=(",", ":")))
        except TimeoutError as error:
            raise Gone from error
