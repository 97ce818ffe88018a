"""A desk in the middle of a working day, made with the real use cases: for tests and for screenshots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from channels.contract import Button, Choice, DeliveryFailed, Incoming, Receipt
from desk import answering, conversations, inbox, outbox, technicians
from desk.model.conversation import Reason
from desk.model.run import Run, Step, Untried
from desk.model.technician import Role, Technician
from desk.model.turn import Reply, Turn
from desk.model.work import BackOff
from desk.store.database import Database, Transaction
from tests.desk.conftest import WORDS

LEASE = timedelta(minutes=1)
PASSWORD = "correct horse battery"


@dataclass(slots=True)
class Story:
    """One customer's conversation, told in order; `at` is the time of what is told next."""

    database: Database
    who: str
    at: datetime
    language: str = "en"
    channel: str = "web"
    address: str = ""
    id: int = 0
    told: int = 0

    def wait(self, minutes: float) -> Story:
        self.at += timedelta(minutes=minutes)
        return self

    def says(self, text: str, *, chose: str | None = None) -> Story:
        """The customer writes, or presses a button."""
        self.told += 1
        choice = Choice(text, chose) if chose else None
        incoming = Incoming(
            self.channel,
            self.address or self.who.lower() or "somebody",
            f"m{self.told}",
            "" if chose else text,
            self.at,
            choice=choice,
            language=self.language,
            name=self.who or None,
        )
        with self.database.transaction() as tx:
            self.id = inbox.accept(tx, incoming, self.at, WORDS).conversation
        return self.wait(0.1)

    def hears(
        self,
        *texts: str,
        buttons: Sequence[str] = (),
        runs: Sequence[Run] = (),
        handover: Reason | None = None,
        resolved: bool = False,
    ) -> Story:
        """The assistant answers what the customer said last, and the customer's browser shows it."""
        replies = [Reply(text) for text in texts]
        replies[-1] = replace(replies[-1], buttons=tuple(Button(title, f"answer:{title}") for title in buttons))
        with self.database.transaction() as tx:
            question = self._claimed(tx)
            turn = Turn(tuple(replies), self.language, tuple(runs), handover, resolved)
            answering.finish(tx, question, turn, self.at)
        return self.shown().wait(0.4)

    def _claimed(self, tx: Transaction) -> answering.Question:
        """What this customer said last. What others told people since then is shown on the way."""
        claimed = answering.claim(tx, "demo", self.at, LEASE)
        while isinstance(claimed, answering.Shown):
            claimed = answering.claim(tx, "demo", self.at, LEASE)
        assert claimed is not None
        assert claimed.conversation.id == self.id
        return claimed

    def shown(self) -> Story:
        with self.database.transaction() as tx:
            outbox.acknowledge(tx, self.channel, self.address or self.who.lower() or "somebody", 10_000, self.at)
        return self

    def seen_by_people(self) -> Story:
        """The worker shows the newest message to people."""
        with self.database.transaction() as tx:
            assert isinstance(answering.claim(tx, "demo", self.at, LEASE), answering.Shown)
        return self.wait(0.2)

    def fails(self, reason: Reason) -> Story:
        with self.database.transaction() as tx:
            question = self._claimed(tx)
            answering.give_up(tx, question, reason, self.at, "timed out")
        return self.shown()

    def taken(self, by: Technician) -> Story:
        with self.database.transaction() as tx:
            conversations.take(tx, self.id, by, self.at)
        return self.shown().wait(0.5)

    def answered(self, by: Technician, text: str, *, shown: bool = True) -> Story:
        with self.database.transaction() as tx:
            conversations.reply(tx, self.id, by, text, self.at)
        return (self.shown() if shown else self).wait(0.5)

    def noted(self, by: Technician, text: str) -> Story:
        with self.database.transaction() as tx:
            conversations.note(tx, self.id, by, text, self.at)
        return self.wait(0.5)

    def closed(self, by: Technician, resolution: str) -> Story:
        with self.database.transaction() as tx:
            conversations.resolve(tx, self.id, by, resolution, self.at)
        return self.shown()

    def undeliverable(self, why: str) -> Story:
        """The network refuses the message said last."""
        with self.database.transaction() as tx:
            delivery = outbox.claim(tx, "demo", [self.channel], self.at, LEASE)
            assert delivery is not None
            outbox.failed(tx, delivery.claim, DeliveryFailed(why, permanent=True), self.at, BackOff())
        return self

    def delivered(self) -> Story:
        with self.database.transaction() as tx:
            while delivery := outbox.claim(tx, "demo", [self.channel], self.at, LEASE):
                outbox.delivered(tx, delivery.claim, Receipt(), self.at)
        return self


def technician(tx: Transaction, name: str, now: datetime, *, one_time: bool = False) -> Technician:
    """A technician who can log in with `PASSWORD`."""
    return technicians.add(tx, f"{name.lower()}@example.org", name, Role.AGENT, PASSWORD, now, one_time=one_time)


def _step(position: int, step: str, question: str, answer: str | None, result: str = "answered") -> Step:
    return Step(position, step, "ask", question, answer, answer, result, f"m{position}")


def printer(state: str, pending: str | None = None) -> Run:
    steps = (
        _step(1, "power", "Is the printer switched on?", "Yes"),
        _step(2, "display", "What does the printer's display say?", "PC load letter"),
        _step(3, "others", "Can colleagues print to it?", None, "unknown"),
        _step(
            4, "restart", "Switch the printer off, wait ten seconds, and switch it on again. Does it print now?", "No"
        ),
        _step(5, "cable", "Is the network cable plugged in at both ends?", None, "skipped"),
    )
    untried = (
        Untried("queue", "Clear the print queue"),
        Untried("driver", "Reinstall the printer's driver"),
        Untried("test_page", "Print a test page from the printer's own menu"),
    )
    facts = {"device": "HP LaserJet M404", "location": "2nd floor, room 214", "connection": "network"}
    return Run("1", "printer_offline", 3, "Printer does not print", state, steps, pending, untried, facts)


def _wifi() -> Run:
    steps = (
        _step(1, "scope", "Heb je op andere plekken wel wifi?", "Ja"),
        _step(2, "forget", "Vergeet het netwerk en verbind opnieuw. Lukt het nu?", "Nee", "corrected"),
    )
    untried = (Untried("driver", "Netwerkstuurprogramma bijwerken"), Untried("cable", "Met een kabel verbinden"))
    return Run("1", "wifi_no_connection", 2, "Geen verbinding met wifi", "active", steps, "driver", untried, {})


def fill(database: Database, now: datetime) -> dict[str, int]:
    """A whole desk: the conversations' ids by a short name."""
    with database.transaction() as tx:
        tess, tom = technician(tx, "Tess", now), technician(tx, "Tom", now)

    def story(who: str, minutes_ago: float, language: str = "en", channel: str = "web", address: str = "") -> Story:
        return Story(database, who, now - timedelta(minutes=minutes_ago), language, channel, address)

    return {
        "closed": _closed(story("Dana Whitfield", 1_500), tess),
        "held": _held(story("Femke Bakker", 64, language="nl"), tom),
        "printer": _printer_story(story("Alice Moreau", 31), tess),
        "failed": _undeliverable(
            story("Charlie Okafor", 52, channel="email", address="charlie.okafor@example.com"), tess
        ),
        "security": _security(story("Bob Jansen", 4.3)),
        "down": _down(story("Priya Raman", 11)),
        "wifi": _wifi_story(story("Sanne de Vries", 6, language="nl")),
        "visitor": _visitor(story("", 2)),
    }


def _printer_story(s: Story, tess: Technician) -> int:
    s.says("Hi, the printer on the second floor doesn't print anymore. I need 40 handouts by eleven!").hears(
        "That is annoying, just before a meeting. Let us find out together.",
        "Is the printer switched on?",
        buttons=["Yes", "No", "I don't know"],
    )
    s.says("Yes", chose="answer:printer_offline:power:yes").hears("What does the printer's display say?")
    s.says('It says "PC load letter", whatever that means').hears(
        "Switch the printer off, wait ten seconds, and switch it on again. Does it print now?", buttons=["Yes", "No"]
    )
    s.says("No").hears("Is the network cable plugged in at both ends?", buttons=["Yes", "No", "Skip"])
    s.says("I'm not crawling under that desk. Can I talk to a person?").hears(
        "Of course. I have opened a ticket for you; a colleague will answer you here.",
        runs=[printer("escalated")],
        handover=Reason.ASKED,
    )
    s.wait(3).taken(tess)
    s.noted(tess, "214 has the old M404. Tray 2 is set to Letter since the driver update, see last week's case.")
    s.answered(
        tess,
        "Hello Alice, Tess here. The printer waits for American paper in tray 2; our driver does that.\n\n"
        "Press OK on the printer once and it takes A4. I am correcting the setting from here at the same time.",
    )
    return (
        s.wait(1).says("Brilliant, it just started!! But the pages come out grey instead of black?").seen_by_people().id
    )


def _held(s: Story, tom: Technician) -> int:
    s.says("Mijn laptop start niet meer op na de update").hears(
        "Dat is vervelend. Zie je iets op het scherm?", buttons=["Ja", "Nee"]
    )
    s.says("Nee").hears("Ik haal er een collega bij.", handover=Reason.ESCALATED)
    return s.taken(tom).answered(tom, "Hoi Femke, ik kom om half elf bij je langs met een reservelaptop.").id


def _undeliverable(s: Story, tess: Technician) -> int:
    s.says("I can't get into my mailbox since this morning, it says my account is locked.")
    s.hears("I will pass this on to a colleague.", handover=Reason.ASKED).delivered()
    s.taken(tess).delivered().answered(
        tess, "Hello Charlie, I have unlocked your account. Please try again.", shown=False
    )
    return s.undeliverable("550 5.2.2 mailbox is full").id


def _security(s: Story) -> int:
    s.says("I clicked a link in a mail from 'HR' and entered my password. Was that wrong??")
    return s.hears("Thank you for saying so at once. A colleague takes over right away.", handover=Reason.SECURITY).id


def _down(s: Story) -> int:
    return s.says("VPN keeps disconnecting every few minutes").fails(Reason.ENGINE_LATE).id


def _wifi_story(s: Story) -> int:
    s.says("ik heb geen wifi in de vergaderzaal").hears("Heb je op andere plekken wel wifi?", buttons=["Ja", "Nee"])
    s.says("Ja", chose="answer:wifi:scope:yes")
    return s.hears("Heb je je netwerkstuurprogramma onlangs bijgewerkt?", runs=[_wifi()]).id


def _visitor(s: Story) -> int:
    return s.says("hello?").hears("Hello! What can I help you with?").id


def _closed(s: Story, tess: Technician) -> int:
    s.says("Where do I order a second monitor?").hears("I will ask a colleague.", handover=Reason.NOT_UNDERSTOOD)
    s.taken(tess).answered(tess, "In the service catalogue, under Workplace. I have started the request for you.")
    return s.closed(tess, "Monitor ordered through the service catalogue.").id
