"""What axe-core finds wrong with a page, by the rules of WCAG 2.2 up to level AA."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

_AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text("utf-8")
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# What moves is measured where it comes to rest: a colour half faded in has no contrast yet.
_RUN = """async (rules) => {
  const roots = [document, ...[...document.querySelectorAll("*")].flatMap((e) => e.shadowRoot ?? [])];
  for (const animation of roots.flatMap((root) => root.getAnimations())) {
    if (animation.effect.getComputedTiming().iterations !== Infinity) animation.finish();
  }
  const { violations } = await axe.run(document, { runOnly: rules });
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`));
}"""


def violations(page: Page) -> list[str]:
    """One line for each element that breaks a rule, shadow trees included; empty when all is well."""
    page.evaluate(_AXE)
    found: list[str] = page.evaluate(_RUN, _RULES)
    return found
