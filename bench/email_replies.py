"""``python -m bench.email_replies``: the sender's own words, machines and bounces, measured with real mails.

Part of `make bench-email`. With ``--libraries`` the libraries that do the same are measured too, in an environment that
is made for it and forgotten (it needs the network).
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bench.email_data import REAL, Measure, read
from bench.realworld import ROOT
from channels.contract import Incoming
from channels.email.replies import split

SETS = ("crisp", "github", "zapier")
LIBRARIES = ("mail-parser-reply==1.36", "email-reply-parser==0.5.12", "quotequail==0.5.4")
_PEOPLE = "human_or_unknown"
_GOAL_REPLIES, _GOAL_MACHINES, _GOAL_BOUNCES = 0.95, 0.98, 0.9

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Mail:
    """A mail's text of a set of reply parsers, and what is known of the reply in it."""

    name: str
    text: str
    stated: tuple[Json, ...]
    """What the set's tests say."""
    own: str | None
    """What we read as the sender's words; None: nobody can tell."""


@cache
def mails() -> tuple[Mail, ...]:
    """All of the sets."""
    lines = yaml.safe_load(Path(__file__).with_name("email_replies.yml").read_text(encoding="utf-8"))
    return tuple(mail for name in SETS for mail in _mails(f"{name}_email_reply_parser", lines))


def _mails(folder: str, lines: Json) -> Iterator[Mail]:
    stated = _json(f"{folder}/expected.json")
    for path in sorted((REAL / folder).glob("*.txt")):
        text = path.read_bytes().decode("utf-8").replace("\r\n", "\n")
        said = tuple(stated.get(path.name, ()))
        visible = next((test["visible_reply_stripped"] for test in said if "visible_reply_stripped" in test), None)
        wanted = lines[folder].get(path.name)
        yield Mail(f"{folder}/{path.name}", text, said, visible if wanted is None else _lines(text, wanted))


def _lines(text: str, wanted: Sequence[int | str]) -> str:
    every = text.split("\n")
    ranges = [str(each).partition("-")[::2] for each in wanted]
    return "\n".join(line for first, last in ranges for line in every[int(first) - 1 : int(last or first)])


def _json(name: str) -> Any:
    return json.loads((REAL / name).read_text(encoding="utf-8"))


# --- replies ---


def against_sets(replies: Sequence[str]) -> Measure:
    """What the sets' tests say of the visible text: all of it, how it begins, or what is and is not in it."""
    checked = [
        (mail, found) for mail, found in zip(mails(), replies, strict=True) if any(_says(t) for t in mail.stated)
    ]
    wrong = [(mail.name, why) for mail, found in checked if (why := _difference(mail, found))]
    return Measure("reply text as the sets say", len(checked), wrong, _GOAL_REPLIES)


def against_reading(replies: Sequence[str]) -> Measure:
    """The whole reply: as the set has it, else as we read it."""
    checked = [(mail, found) for mail, found in zip(mails(), replies, strict=True) if mail.own is not None]
    differ = [(mail, found) for mail, found in checked if _squeezed(found) != _squeezed(mail.own or "")]
    wrong = [(mail.name, f"ends with {_squeezed(found)[-60:]!r}") for mail, found in differ]
    return Measure("reply text as we read it", len(checked), wrong, _GOAL_REPLIES)


def _says(test: Json) -> bool:
    known = "visible_reply_stripped" in test or "first_fragment" in test or test.get("n_fragments") == 1
    return known or bool(test.get("fragment_matches"))


def _difference(mail: Mail, found: str) -> str:
    """What is not as a test of the set wants it; empty when all is."""
    reply = _squeezed(found)
    for test in mail.stated:
        if "visible_reply_stripped" in test and reply != _squeezed(test["visible_reply_stripped"]):
            return "it is not the visible text"
        if "first_fragment" in test and not reply.startswith(_squeezed(test["first_fragment"])):
            return "it does not begin with the first fragment"
        if test.get("n_fragments") == 1 and reply != _squeezed(mail.text):
            return "it is not the whole text"
        for fragment in test.get("fragment_matches", ()):
            if (why := _fragment(test, fragment, found)) is not None:
                return why
    return ""


def _fragment(test: Json, fragment: Json, found: str) -> str | None:
    number: int = fragment["fragment"]
    literal = fragment.get("contains_or_equals")
    pattern: str = fragment.get("matches") or ""
    if literal is not None and not literal.strip():
        return None
    there = (
        _squeezed(literal) in _squeezed(found) if literal is not None else bool(re.search(pattern, found, re.MULTILINE))
    )
    hidden = any(flags[number] for key in ("hidden", "quoted") if len(flags := test.get(key, ())) > number)
    # Where the set does not say which fragments are shown, the first is, and quotes and signatures look like it.
    told = "hidden" in test or number == 0 or bool(re.match(r"\^(?:On|>|_|--)", pattern))
    shown = not hidden if "hidden" in test else number == 0
    return f"fragment {number} is {'there' if there else 'missing'}" if told and there != shown else None


def _squeezed(text: str) -> str:
    return " ".join(text.split())


def replies(reply: Callable[[str], str] = lambda text: split(text).new) -> list[str]:
    """What `reply` finds in each mail."""
    return [reply(mail.text) for mail in mails()]


# --- machines ---


@cache
def _whole(name: str) -> Incoming:
    return read((REAL / name).read_bytes())


def machines() -> list[Measure]:
    """Told from people, where the source itself says so; and people, told by headers, from machines."""
    sure, people, kinds = [], [], []
    for entry in _json("auto_mail_index.json"):
        name, kind = entry["file"].removeprefix("email/"), entry["kind"]
        found = _found(name)
        if kind == _PEOPLE:
            people.append((name, found, "None"))
        elif entry["label"] == "source" and kind != "other":
            sure.append((name, found if found == "None" else "a machine", "a machine"))
            kinds.append((name, found, kind))
    return [
        _compared("machines told from people", sure, _GOAL_MACHINES),
        _compared("people not taken for machines", people, _GOAL_MACHINES),
        _compared("kind of machine", kinds, None),
    ]


def _found(name: str) -> str:
    letter = _whole(name).letter
    return letter.automatic.value if letter and letter.automatic else "None"


def _compared(name: str, found: Sequence[tuple[str, str, str]], goal: float | None) -> Measure:
    return Measure(
        name, len(found), [(mail, f"{was}, not {wanted}") for mail, was, wanted in found if was != wanted], goal
    )


# --- bounces ---


def bounces() -> list[Measure]:
    """Of notifications: as many recipients as expected, and for each whether it is over (the class of its status)."""
    counted, over = [], []
    for name, entry in _json("sisimai/expected.json").items():
        wanted = [each for each in entry["expected"] if not each["status"].startswith("2")]
        if entry["kind"] != "bounce" or (entry["expected"] and not wanted) or not wanted:
            continue
        letter = _whole(f"sisimai/{name}").letter
        found = letter.bounces if letter else ()
        counted.append((name, str(len(found)), str(len(wanted))))
        classes = sorted(each["status"].startswith("5") for each in wanted)
        over.append((name, str(sorted(bounce.permanent for bounce in found)), str(classes)))
    return [
        _compared("bounces: recipients", counted, _GOAL_BOUNCES),
        _compared("bounces: permanent or not", over, _GOAL_BOUNCES),
    ]


def measures() -> Sequence[Measure]:
    """For `bench.email`."""
    found = replies()
    return [against_sets(found), against_reading(found), *machines(), *bounces()]


# --- libraries ---


def libraries() -> str:
    """Markdown: a line for ours and each library."""
    started = time.process_time()
    ours = replies()
    rows = {"ours": {"replies": ours, "seconds": round(time.process_time() - started, 3)}, **_measured()}
    lines = ["| | as the sets say | as we read it | seconds |", "|---|---|---|---|"]
    for name, row in rows.items():
        sets, reading = against_sets(row["replies"]), against_reading(row["replies"])
        shares = " | ".join(f"{each.right} of {each.total} ({each.share:.1%})" for each in (sets, reading))
        lines.append(f"| {name} | {shares} | {row['seconds']} |")
    return "\n".join(lines)


def _measured() -> dict[str, Any]:
    wanted = [argument for library in LIBRARIES for argument in ("--with", library)]
    done = subprocess.run(
        [ROOT / ".tools" / "uv", "run", "--quiet", "--isolated", "--no-project", "--python", sys.executable, *wanted,
         "python", Path(__file__).with_name("email_reply_libraries.py")],
        input=json.dumps([mail.text for mail in mails()]), stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main() -> int:
    """Measure and print; the exit code."""
    parser = argparse.ArgumentParser(
        prog="bench.email_replies", description=__doc__.partition("\n\n")[0] if __doc__ else ""
    )
    parser.add_argument("--libraries", action="store_true", help="measure libraries that find replies too")
    if not REAL.is_dir():
        sys.exit(f"the real mails are not at hand: {REAL} is missing")
    if parser.parse_args().libraries:
        print(libraries())
        return 0
    from bench.email import table  # which imports this module

    found = measures()
    print(table(found))
    return 0 if all(measure.reached for measure in found) else 1


if __name__ == "__main__":
    raise SystemExit(main())
