"""The new part of a mail's HTML, by the marks that clients leave in it. Pure."""

from __future__ import annotations

from itertools import islice

from lxml import etree

from channels.email import markup
from channels.email.markers import HtmlMark, html_mark

_SILENT = frozenset({"head", "style", "script", "title", "template"})
_BLANK = " \t\r\n\u00a0\u200b\u200c\ufeff"
_EMPTY = frozenset({"br", "div", "p", "span", "o:p"})
"""Elements that may stand, empty, between a rule and what it is drawn above."""
_NEAR = 10


def split_html(html: str) -> str | None:
    """`html` without what is quoted and without the signature; as unsafe to show as before.

    None: no client's mark is in it, or nothing would be left, as in a mail that is only passed on.
    """
    root = markup.tree(html)
    if root is None:
        return None
    marked = [(element, mark) for element in root.iter(etree.Element) if (mark := _mark(element)) is not None]
    taken = [_take(element, mark, root) for element, mark in marked]
    if not any(taken) or not _says_something(root):
        return None
    return str(etree.tostring(root, encoding="unicode", method="html"))


def _mark(element: etree._Element) -> HtmlMark | None:
    return html_mark(str(element.tag).lower(), {str(name).lower(): str(value) for name, value in element.items()})


def _take(element: etree._Element, mark: HtmlMark, root: etree._Element) -> bool:
    """Take out what `mark` says is not the sender's; whether there was something."""
    if element is root or not _is_in(element, root):
        return False  # went with another
    if mark is HtmlMark.REST:
        _remove_from(_rule_above(element), root)
    elif mark is not HtmlMark.WRAPPER or not _is_answered(element):
        _remove(element)
    return True


def _is_in(element: etree._Element, root: etree._Element) -> bool:
    parent = element.getparent()
    while parent is not None and parent is not root:
        parent = parent.getparent()
    return parent is root


def _is_answered(wrapper: etree._Element) -> bool:
    """Whether it has quotes apart from what else is in it, which then are answers, or the line that introduces them."""
    return any(html_mark("blockquote", dict(quote.items())) for quote in wrapper.iter("blockquote"))


def _rule_above(element: etree._Element) -> etree._Element:
    """The rule that is drawn above `element`, else `element`."""
    for above in islice(element.itersiblings(preceding=True), _NEAR):
        if (above.tail or "").strip(_BLANK):
            break
        if above.tag == "hr":
            return above
        if above.tag not in _EMPTY or _says_something(above):
            break
    return element


def _remove_from(element: etree._Element, root: etree._Element) -> None:
    """Remove `element` and all that follows it, wherever it stands."""
    inside = element
    element.tail = None
    while inside is not root:
        parent = inside.getparent()
        if parent is None:
            return
        for following in list(inside.itersiblings()):
            parent.remove(following)
        if inside is not element:
            inside.tail = None
        inside = parent
    _remove(element)


def _remove(element: etree._Element) -> None:
    """Remove `element`; the text behind it stays."""
    parent, above = element.getparent(), element.getprevious()
    if parent is None:
        return
    if element.tail and above is not None:
        above.tail = (above.tail or "") + element.tail
    elif element.tail:
        parent.text = (parent.text or "") + element.tail
    element.tail = None
    parent.remove(element)


def _says_something(root: etree._Element) -> bool:
    """Whether there is something to read or to see."""
    for element in root.iter(etree.Element):
        if element.tag == "img":
            return True
        if element.tag not in _SILENT and (element.text or "").strip(_BLANK):
            return True
        if element is not root and (element.tail or "").strip(_BLANK):
            return True
    return False
