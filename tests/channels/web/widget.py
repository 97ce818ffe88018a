"""The widget in a browser: a conversation about a printer, and what its customer does with hands and eyes."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from channels.contract import Button, Incoming
from tests.channels.memory_log import MemoryLog
from tests.channels.web.server import Server

POWER = (Button("Yes", "answer:printer:power:yes"), Button("No", "answer:printer:power:no"))
EMBEDDED = "channels/web/embed-example.html"


def bot(log: MemoryLog, incoming: Incoming) -> None:
    """Asks about the power first, and takes every answer."""
    if len(log.record(incoming.address).messages) == 1:
        log.say(incoming.address, "Is the printer switched on?", buttons=POWER)
    else:
        log.say(incoming.address, "Thank you.")


def composer(page: Page) -> Locator:
    return page.get_by_role("textbox", name=re.compile("Your message|Je bericht"))


def write(page: Page, text: str) -> None:
    composer(page).fill(text)
    composer(page).press("Enter")


def bubbles(page: Page) -> Locator:
    return page.get_by_role("log").locator(".bubble")


def talk(page: Page, server: Server) -> None:
    """A conversation of three messages: problem, question, answer by button, thanks."""
    page.goto(server.url)
    write(page, "my printer is dead")
    page.get_by_role("button", name="Yes").click()
    expect(bubbles(page)).to_have_text(["my printer is dead", "Is the printer switched on?", "Yes", "Thank you."])
