"""What axe-core finds wrong with a page, by the rules of WCAG 2.2 up to level AA."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_AXE = Axe()
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def violations(page: Page) -> list[str]:
    """One line for each element that breaks a rule, shadow trees included; empty when all is well."""
    # Without motion, which the pages then leave out: a colour half faded in has no contrast yet, and axe scrolls while
    # it looks, so that what comes to lie under the pointer begins to change its colours.
    page.emulate_media(reduced_motion="reduce")
    found = _AXE.run(page, options={"runOnly": _RULES, "resultTypes": ["violations"]}).response["violations"]
    return [f"{rule['id']}: {node['html'][:200]} {node['failureSummary']}" for rule in found for node in rule["nodes"]]
