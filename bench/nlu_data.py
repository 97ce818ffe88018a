"""The sentences that understanding is measured with: our own, and real ones that are kept outside the repository."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from bench.realworld import REALWORLD, ROOT
from bot.ranking import label_of

REAL_SETS = ("nlu_en", "nlu_nl", "nlu_en_noisy", "nlu_en_near_oos")
OUT_OF_SCOPE = "out_of_scope"
_ENTITY = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_NO_TOPIC = "no clean topic"


@dataclass(frozen=True)
class Sentence:
    """A sentence of data/nlu. `label`: its intent, and the topic of its own where it has one."""

    text: str
    label: str
    language: str


@dataclass(frozen=True)
class Message:
    """A message from outside. A hit on any of `topics` is right."""

    text: str
    topics: tuple[str, ...]
    language: str

    @property
    def in_scope(self) -> bool:
        return self.topics[0] != OUT_OF_SCOPE


def sentences(folder: Path = ROOT / "data" / "nlu") -> list[Sentence]:
    """Everything that the classifier is trained on."""
    found = []
    for path in sorted(folder.glob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            if "intent" not in block:
                continue
            metadata = block.get("metadata") or {}
            label = label_of(block["intent"], metadata.get("topic"))
            texts = [line.strip()[2:].strip() for line in block["examples"].splitlines() if line.strip()]
            found += [Sentence(_ENTITY.sub(r"\1", text), label, metadata.get("language", "en")) for text in texts]
    return found


def real(name: str, folder: Path = REALWORLD) -> Sequence[Message]:
    """One of REAL_SETS; nothing where the sets are absent."""
    path = folder / f"{name}.jsonl"
    if not path.is_file():
        return ()
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    language = "nl" if name.endswith("_nl") else "en"
    return [
        Message(row["text"], (row["topic"], *(row.get("alt") or ())), language)
        for row in rows
        if _NO_TOPIC not in (row.get("note") or "")
    ]
