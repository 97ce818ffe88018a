"""What the product makes of a first message, line by line: `python -m bot understand`.

Takes what it needs out of the model's archive and imports nothing of Rasa, so that it answers after a second. What is
decided is decided by the product's own code (`bot.ranking`, `bot.procedures.reading`), with nothing pending.
"""

from __future__ import annotations

import json
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import IO, Any

from bot.heard import asides_of, turn_of
from bot.language_model import LanguageModel, Margins
from bot.lexicon import Lexicon
from bot.procedures import commands as c
from bot.procedures.codec import from_json
from bot.procedures.model import Catalogue
from bot.procedures.reading import read
from bot.procedures.state import State
from bot.procedures.topics import Thresholds
from bot.ranking import IntentRanker, Limits
from bot.segments import Segmenter
from bot.sources import MODEL_NAME
from bot.text_model import TextModel
from bot.topics import Topics

ACT, CLARIFY, FALLBACK = "act", "clarify", "fallback"
_SHOWN = 5
_LONGEST_LINE = 20_000
"""Characters of a line that are looked at."""
_CLASSIFIER, _LANGUAGE, _POLICY = (
    "bot.classifier.TextIntentClassifier",
    "bot.language.LanguageDetector",
    "bot.policy.ProcedurePolicy",
)
_VAGUE_INTENT = "vague_problem"
_ACTS = (
    c.Start, c.Beyond, c.Aside, c.Works, c.Human, c.Cancel, c.GoBack, c.Skip, c.Explain, c.Help, c.Repeat, c.Restart,
    c.Unknown, c.Decline,
)  # fmt: skip


class NoModel(RuntimeError):
    """There is no archive, or it was trained without our components; the message says which."""


@dataclass(frozen=True)
class Understanding:
    """Everything a trained model knows. Made by `Understanding.load`."""

    ranker: IntentRanker
    topics: Topics
    lexicon: Lexicon
    language: LanguageModel
    margins: Margins
    catalogue: Catalogue
    asides: Mapping[str, str]
    thresholds: Thresholds

    @classmethod
    def load(cls, model: Path) -> Understanding:
        """`model`: an archive, or the folder of it. Raises NoModel, OSError."""
        archive = model / MODEL_NAME if model.is_dir() else model
        if not archive.is_file():
            raise NoModel(f"there is no model {archive}; python -m bot train makes one")
        with tempfile.TemporaryDirectory() as folder, tarfile.open(archive) as packed:
            files = _unpack(packed, Path(folder))
            return cls._of(files)

    @classmethod
    def _of(cls, files: _Files) -> Understanding:
        classifier, language, policy = (files.settings(each) for each in (_CLASSIFIER, _LANGUAGE, _POLICY))
        limits = Limits(
            float(classifier.get("threshold", Limits().threshold)),
            classifier.get("fallback_intent", Limits().fallback),
        )
        topics = Topics.read()
        text_model = TextModel.load(files.folder(_CLASSIFIER))
        catalogue = from_json(json.loads(files.read(_POLICY, "procedures.json")))
        return cls(
            ranker=IntentRanker(text_model, topics, Segmenter.read(), limits),
            topics=topics,
            lexicon=Lexicon.read(),
            language=LanguageModel(json.loads(files.read(_LANGUAGE, "odds.json"))),
            margins=Margins(**{**vars(Margins()), **_only(language, Margins)}),
            catalogue=catalogue,
            asides=_asides(files.domain, catalogue),
            thresholds=Thresholds(**_only(policy, Thresholds)),
        )

    def understand(self, text: str) -> dict[str, Any]:
        """Return what `python -m bot understand` prints for a line."""
        text = text.strip()[:_LONGEST_LINE]
        ranking = self.ranker.ranking(text) if text else []
        entities = [vars(mention) for mention in self.lexicon.find(text)]
        topic, confidence = self.ranker.leading(text)
        known = [each for each in ranking if not _is_fallback(each)]

        def of_topic(each: Mapping[str, Any]) -> bool:
            return self._topic(each) == topic

        return {
            "text": text,
            "intent": next((each["name"] for each in [*filter(of_topic, known), *known]), None),
            "topic": topic,
            "confidence": round(confidence, 4),
            "ranking": [self._shown(each) for each in known[:_SHOWN]],
            "language": self.language.decide(text, None, self.margins),
            "entities": entities,
            "decision": self._decision(text, ranking, entities) if text else FALLBACK,
        }

    def _shown(self, each: Mapping[str, Any]) -> dict[str, Any]:
        topic = self._topic(each)
        about = {"topic": topic} if topic else {}
        return {"intent": each["name"], **about, "confidence": round(each["confidence"], 4)}

    def _topic(self, each: Mapping[str, Any]) -> str | None:
        return each.get("topic") or self.topics.topic(each["name"])

    def _decision(self, text: str, ranking: Sequence[Mapping[str, Any]], entities: Sequence[Mapping[str, Any]]) -> str:
        parsed = {"intent_ranking": ranking, "entities": entities, "segments": self.ranker.segments(text)}
        turn = turn_of(self.catalogue, text, parsed)
        command = read(self.catalogue, State(), turn, self.asides, self.thresholds)
        if command is None and turn.top[0] == _VAGUE_INTENT:
            return CLARIFY  # answered by the question what exactly does not work
        if isinstance(command, c.NotUnderstood):
            return CLARIFY if command.topics and not command.out_of_scope else FALLBACK
        if command is None or isinstance(command, _ACTS):
            return ACT
        return CLARIFY if isinstance(command, c.Clarify) else FALLBACK


def answer_lines(model: Path, lines: IO[bytes], out: IO[str]) -> None:
    """Print a JSON object for each line of `lines` at once. What is no UTF-8 is replaced. Raises NoModel."""
    understanding = Understanding.load(model)
    for line in iter(lines.readline, b""):
        found = understanding.understand(line.decode("utf-8", errors="replace"))
        print(json.dumps(found, ensure_ascii=False), file=out, flush=True)


@dataclass(frozen=True)
class _Files:
    """An unpacked archive."""

    root: Path
    metadata: Mapping[str, Any]

    @property
    def domain(self) -> Mapping[str, Any]:
        domain: Mapping[str, Any] = self.metadata["domain"]
        return domain

    def _node(self, component: str) -> Mapping[str, Any]:
        for node in self.metadata["predict_schema"]["nodes"].values():
            if node["uses"] == component:
                found: Mapping[str, Any] = node
                return found
        raise NoModel(f"the model was trained without {component}; see config.yml")

    def settings(self, component: str) -> Mapping[str, Any]:
        settings: Mapping[str, Any] = self._node(component)["config"]
        return settings

    def folder(self, component: str) -> Path:
        return self.root / "components" / str(self._node(component)["resource"]["name"])

    def read(self, component: str, name: str) -> str:
        return (self.folder(component) / name).read_text(encoding="utf-8")


def _unpack(packed: tarfile.TarFile, folder: Path) -> _Files:
    """Only our own components' plain files, wherever an entry's name may want to go."""
    for entry in packed:
        parts = [part for part in Path(entry.name).parts if part not in ("/", ".")]
        wanted = parts[:1] == ["metadata.json"] or (len(parts) == 3 and "bot." in parts[1])
        content = packed.extractfile(entry) if entry.isfile() and wanted and ".." not in parts else None
        if content is not None:
            target = folder.joinpath(*parts)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.read())
    return _Files(folder, json.loads((folder / "metadata.json").read_text(encoding="utf-8")))


def _asides(domain: Mapping[str, Any], catalogue: Catalogue) -> dict[str, str]:
    intents = [each if isinstance(each, str) else next(iter(each)) for each in domain["intents"]]
    return asides_of(catalogue, intents, [*domain["actions"], *domain["responses"]])


def _only(settings: Mapping[str, Any], wanted: Any) -> dict[str, float]:
    return {field.name: float(settings[field.name]) for field in fields(wanted) if field.name in settings}


def _is_fallback(each: Mapping[str, Any]) -> bool:
    return each["name"] == Limits().fallback
