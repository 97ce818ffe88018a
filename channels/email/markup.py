"""HTML of strangers: read as text, and made safe to show. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import unescape

import nh3
from lxml import etree

from channels.email import charsets

MAX_HTML = 1_000_000
"""Characters of HTML that are kept to be shown; of a longer body there is the text only."""
MAX_READ = 1_000_000
"""Characters of text that are read of any HTML: more than are kept."""
MAX_DEPTH = 400
"""How deep elements may be nested in what is kept: nobody writes so, and making it safe would take minutes."""
_MAX_ESCAPING = 10**10
"""How much of it may be moved, in characters, for the sake of those that are written as more than one: the sanitiser
moves all that follows in the same text for each of them, which in a megabyte of "&" takes half a minute."""
_ESCAPED = re.compile('[&\u00a0"<>]')
_TOO_DEEP = "ERR_RESOURCE_LIMIT"
_META = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]+)", re.IGNORECASE)
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]{1,12})|([0-9]{1,12}));?")
_HIDDEN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all|visibility\s*:\s*hidden", re.IGNORECASE)

_UNREAD = frozenset(
    {"head", "script", "style", "title", "template", "noscript", "object", "svg", "math", "select", "textarea"}
)
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "center", "dd", "details", "dir", "div", "dl", "dt", "fieldset",
    "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main",
    "menu", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "tfoot", "thead", "tr", "ul",
    "caption",
})  # fmt: skip
_APART = frozenset({"p", "blockquote", "pre", "ul", "ol", "dl", "table", "h1", "h2", "h3", "h4", "h5", "h6"})


def charset(content: bytes) -> str | None:
    """What the HTML in `content` says its charset is."""
    found = _META.search(content[:4_000])
    return found[1].decode("ascii") if found else None


def tree(html: str) -> etree._Element | None:
    """The elements of `html`, whatever its faults; None when there are none, or they are nested without end."""
    # Handed over as bytes: a declared charset would be believed otherwise.
    parser = etree.HTMLParser(encoding="utf-8", recover=True, huge_tree=True, remove_comments=True, remove_pis=True)
    # Outlook's namespaced elements are nothing but spans, its conditions are comments.
    text = re.sub(r"<!\[[^\]>]{0,200}\]>|<\?xml[^>]{0,500}>", "", html)
    try:
        root: etree._Element | None = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:  # nothing in it
        return None
    # The parser leaves out what is too deep for it.
    return None if any(error.type_name == _TOO_DEEP for error in parser.error_log) else root


def text(html: str) -> str:
    """What a person reads who looks at `html`: paragraphs apart, lists with their numbers, quoted mail behind ``>``."""
    root = tree(html)
    return _Reader().read(root) if root is not None else _without_tags(html)


def _without_tags(html: str) -> str:
    # Behind the last end of one, no comment ends: to look for it from each beginning would take hours.
    commented, end, rest = html.rpartition("-->")
    visible = re.sub(r"(?s)<!--.*?-->", "", commented + end) + rest
    visible = re.sub(r"(?is)<(script|style|title)\b.*?(</\1\s*>|\Z)", "", visible)
    return unescape(re.sub(r"<[a-zA-Z/!?][^>]*>?", "\n", visible)).strip()


class _Reader:
    """Walks the elements and writes lines; without recursion, for nesting has no end."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._read = 0
        self._line = ""
        self._space = False
        self._blank = 0
        self._preformatted = 0
        self._quotes = 0
        self._cells = 0
        self._lists: list[int | None] = []

    def read(self, root: etree._Element) -> str:
        skipped: etree._Element | None = None
        for event, element in etree.iterwalk(root, events=("start", "end")):
            tag = _tag(element)
            if event == "start" and skipped is None:
                if _is_unread(element, tag):
                    skipped = element
                    continue
                self._start(element, tag)
                self._words(element.text)
            elif event == "end" and skipped is not None and skipped is element:
                skipped = None
                self._words(element.tail)
            elif self._read > MAX_READ:
                break
            elif event == "end" and skipped is None:
                self._end(element, tag)
                self._words(None if element is root else element.tail)
        self._break(0)
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self._lines)).strip("\n")

    def _start(self, element: etree._Element, tag: str) -> None:
        match tag:
            case "br":
                self._newline()
            case "hr":
                self._break(0)
            case "blockquote":
                self._break(1)
                self._quotes += not _is_indented(element)
            case "ul" | "ol" | "menu" | "dir":
                self._break(0 if self._lists else 1)
                self._lists.append(_number(element.get("start")) if tag == "ol" else None)
            case "li":
                self._item()
            case "td" | "th":
                self._cell()
            case "img":
                self._picture(element)
            case _ if tag in _BLOCKS:
                self._break(1 if tag in _APART else 0)
                self._preformatted += tag == "pre"
                self._cells = 0 if tag == "tr" else self._cells

    def _end(self, element: etree._Element, tag: str) -> None:
        if tag in _BLOCKS:
            self._break(1 if tag in _APART and not (tag in {"ul", "ol"} and len(self._lists) > 1) else 0)
        if tag == "blockquote":
            self._quotes -= not _is_indented(element)
        elif tag in {"ul", "ol", "menu", "dir"} and self._lists:
            self._lists.pop()
        elif tag == "pre":
            self._preformatted -= 1

    def _words(self, written: str | None) -> None:
        if not written:
            return
        if self._preformatted:
            first, *rest = written.replace("\r\n", "\n").split("\n")
            self._append(first)
            for line in rest:
                self._newline()
                self._append(line)
            return
        words = re.sub(r"[ \t\r\n\f]+", " ", written)
        if words.startswith(" "):
            self._space = True
        stripped = words.strip(" ")
        if stripped:
            self._append((" " if self._space and self._line else "") + stripped)
            self._space = words.endswith(" ")

    def _append(self, words: str) -> None:
        if words and not self._line:
            self._lines += [""] * self._blank if self._lines else []
            self._blank = 0
        self._line += words

    def _newline(self) -> None:
        self._append("")
        self._read += len(self._line) + 1
        prefix = "> " * min(self._quotes, 20)
        self._lines += [""] * self._blank if self._lines else []
        self._blank = 0
        self._lines.append((prefix + self._line.replace("\xa0", " ")).rstrip())
        self._line, self._space = "", False

    def _break(self, blank: int) -> None:
        """End the line, if one was begun; the next is at least `blank` lines below."""
        if self._line.strip():
            self._newline()
        self._line, self._space = "", False
        self._blank = max(self._blank, blank)

    def _item(self) -> None:
        self._break(0)
        number = self._lists[-1] if self._lists else None
        indent = "  " * max(0, len(self._lists) - 1)
        self._append(f"{indent}- " if number is None else f"{indent}{number}. ")
        if number is not None:
            self._lists[-1] = number + 1

    def _cell(self) -> None:
        self._cells += 1
        self._space = True

    def _picture(self, element: etree._Element) -> None:
        # What a picture says instead of letters, such as a smile; not the name of its file.
        said = (element.get("alt") or "").strip()
        if 0 < len(said) <= 3:
            self._words(said)


def _tag(element: etree._Element) -> str:
    return element.tag.rpartition(":")[2] if isinstance(element.tag, str) else ""


def _is_unread(element: etree._Element, tag: str) -> bool:
    return tag in _UNREAD or not tag or bool(_HIDDEN.search(element.get("style") or ""))


def _is_indented(quote: etree._Element) -> bool:
    """Whether a blockquote is what editors make of text that its author moved to the right."""
    style = re.sub(r"\s", "", quote.get("style") or "").lower()
    return (
        "border:none" in style
        and "border-left" not in style
        and not (quote.get("type") or quote.get("cite") or quote.get("class"))
    )


def _number(start: str | None) -> int:
    return int(start) if start and re.fullmatch(r"[0-9]{1,6}", start) else 1


_LINK = re.compile(r"(?:https?://|mailto:|tel:)", re.IGNORECASE)
_COLOUR = re.compile(r"(?:rgb|hsl)a?\([0-9.,%/ ]*\)", re.IGNORECASE)
_TAGS = frozenset({
    "a", "abbr", "address", "article", "b", "bdi", "bdo", "big", "blockquote", "br", "caption", "center", "cite",
    "code", "col", "colgroup", "dd", "del", "dfn", "div", "dl", "dt", "em", "font", "footer", "h1", "h2", "h3",
    "h4", "h5", "h6", "header", "hr", "i", "img", "ins", "kbd", "li", "main", "mark", "ol", "p", "pre", "q", "s",
    "samp", "section", "small", "span", "strike", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th",
    "thead", "tr", "tt", "u", "ul", "var",
})  # fmt: skip
_ATTRIBUTES: Mapping[str, set[str]] = {
    "*": {"dir", "lang", "title", "align", "valign"},
    "a": {"href"},
    "img": {"alt", "width", "height", "data-attachment"},
    "font": {"color", "size", "face"},
    "table": {"border", "cellpadding", "cellspacing", "width", "bgcolor"},
    "td": {"colspan", "rowspan", "width", "height", "bgcolor"},
    "th": {"colspan", "rowspan", "width", "height", "bgcolor"},
    "tr": {"bgcolor"},
    "col": {"span", "width"},
    "ol": {"start", "type"},
    "blockquote": {"type"},
}
_STYLES = frozenset({
    "background-color", "color", "font-family", "font-size", "font-style", "font-weight", "text-align",
    "text-decoration", "text-indent", "white-space", "vertical-align", "margin-left", "padding-left", "border-left",
    "border-collapse",
})  # fmt: skip
_STYLED = ("blockquote", "div", "font", "li", "ol", "p", "pre", "span", "table", "td", "th", "tr", "ul")


def safe(html: str, inline: Sequence[str] = ()) -> str | None:
    """`html` so that showing it runs nothing and loads nothing; None when it is too large, or nobody writes so.

    inline: Content-IDs of the files that came with it, in their order. A picture that refers to one has no source any
    more but ``data-attachment``, the number of that file in the order, from 0; any other picture has its ``alt`` only.
    """
    root = tree(html[: MAX_HTML + 1]) if len(html) <= MAX_HTML else None
    if root is None or _depth(root) > MAX_DEPTH or _escaping(root) > _MAX_ESCAPING:
        return None
    for element in root.iter():
        _disarm(element)
    numbers = {name: number for number, name in enumerate(inline) if name}
    for picture in root.iter("img"):
        source = (picture.get("src") or "").strip()
        picture.attrib.pop("data-attachment", None)
        name = content_id(source[4:]) if source.lower().startswith("cid:") else ""
        if name in numbers:
            picture.set("data-attachment", str(numbers[name]))
    # Written anew, so that nothing is left open: to repair that takes a time that grows with its square.
    clean = nh3.clean(
        etree.tostring(root, encoding="unicode", method="html"),
        tags=set(_TAGS),
        clean_content_tags={
            "script",
            "style",
            "title",
            "template",
            "noscript",
            "svg",
            "math",
            "object",
            "textarea",
            "select",
        },
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()}
        | {tag: set(_ATTRIBUTES.get(tag, set())) | {"style"} for tag in _STYLED},
        url_schemes={"http", "https", "mailto", "tel"},
        filter_style_properties=set(_STYLES),
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    )
    return clean if clean.strip() else None


def _disarm(element: etree._Element) -> None:
    """What the sanitiser lets pass: links that would be ours, not being whole, and functions in styles."""
    link = element.get("href")
    if link is not None and not _LINK.match(link.strip()):
        del element.attrib["href"]
    style = element.get("style")
    if style is not None and ("(" in style or "\\" in style):
        kept = [said for said in style.split(";") if not re.search(r"[(\\]", _COLOUR.sub("", said))]
        element.set("style", "".join(letter for letter in ";".join(kept) if letter.isprintable()))


def content_id(name: str) -> str:
    """A Content-ID, as `safe` compares them: without brackets, and with what was escaped in a URL."""
    from urllib.parse import unquote

    return unquote(name).strip().strip("<>").strip()


def _depth(root: etree._Element) -> int:
    depth = deepest = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        deepest = max(deepest, depth)
    return deepest


def _escaping(root: etree._Element) -> int:
    """What it costs to write it, see `_MAX_ESCAPING`."""
    texts = (text for element in root.iter() for text in (element.text, element.tail, *element.attrib.values()))
    return sum(len(text) * len(_ESCAPED.findall(text)) for text in texts if text)


def decode(content: bytes, declared: str | None) -> str:
    """The HTML in `content`, by the charset of the part, or what it says itself; without control characters."""
    return printable(charsets.decode(content, declared if charsets.codec(declared) else charset(content)))


def printable(html: str) -> str:
    """`html` without characters that no document may have, which parsers let in and then choke on."""
    return _REFERENCE.sub(_reference, _FORBIDDEN.sub("", html))


def _reference(written: re.Match[str]) -> str:
    code = int(written[1], 16) if written[1] else int(written[2])
    return "" if code > 0x10FFFF or _FORBIDDEN.match(chr(code)) else written[0]
