"""A small linear text classifier: character and word n-grams, support vectors, exact and quick to train and to load.

Pure scikit-learn, knows nothing of Rasa. Margins of support vectors are no probabilities: they become some by a softmax
whose sharpness is fitted on sentences that were left out of the training. The weights are stored as plain arrays and
JSON, never as a pickle: loading a model cannot run code, and takes milliseconds instead of the seconds that
scikit-learn's own persistence libraries need only to be imported.
"""

from __future__ import annotations

import json
import random
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

Array = Any  # numpy.ndarray; numpy is not installed where the types are checked

_NEIGHBOURS = {
    key: row[max(0, at - 1) : at] + row[at + 1 : at + 2]
    for row in ("qwertyuiop", "asdfghjkl", "zxcvbnm")
    for at, key in enumerate(row)
}
_ANALYSIS: Mapping[str, dict[str, Any]] = {
    "words": {"ngram_range": (1, 2), "sublinear_tf": True, "lowercase": False, "token_pattern": r"(?u)[\w']+"},
    # What occurs once, mostly in a single noisy copy, doubles size and training time and gains nothing.
    "letters": {
        "analyzer": "char_wb",
        "ngram_range": (2, 5),
        "sublinear_tf": True,
        "lowercase": False,
        "min_df": 2,
    },
}
_STRETCHED = re.compile(r"(.)\1{2,}")
_SPACE = re.compile(r"\s+")
_NUMBER = re.compile(r"\d+")


def normalise(text: str) -> str:
    """Fold case, accents, numbers, stretched letters ("heeelp") and white space, so that spelling matters less."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in folded if not unicodedata.combining(letter)).replace("’", "'")
    return _SPACE.sub(" ", _STRETCHED.sub(r"\1\1", _NUMBER.sub("0", bare))).strip()


def noisy(text: str, share: float, chance: random.Random) -> str:
    """Return `text` as a hurried thumb types it: about `share` of its letters dropped, doubled, swapped or missed."""
    letters = list(text)
    at = 0
    while at < len(letters):
        if letters[at].isalpha() and chance.random() < share:
            slip = chance.choice(("drop", "double", "swap", "miss"))
            if slip == "drop":
                letters[at] = ""
            elif slip == "double":
                letters[at] *= 2
            elif slip == "swap" and at + 1 < len(letters):
                letters[at], letters[at + 1] = letters[at + 1], letters[at]
                at += 1
            else:
                letters[at] = chance.choice(_NEIGHBOURS.get(letters[at], letters[at]))
        at += 1
    return "".join(letters)


@dataclass(frozen=True)
class Settings:
    """How to train. `inverse_regularisation` is scikit-learn's C; `noisy_copies` are made of every sentence;
    `words_weight` is what words count compared with letters; `folds` are for fitting the sharpness."""

    inverse_regularisation: float = 0.5
    noisy_copies: int = 2
    noise: float = 0.1
    words_weight: float = 0.7
    folds: int = 3
    seed: int = 20


class TextModel:
    """Ranks labels for a text. Made by `train` or `load`; safe to share between threads once made.

    Ranking does scikit-learn's arithmetic by hand, because for a single sentence its generality costs 2 ms of 2.3 ms.
    """

    def __init__(self, labels: Sequence[str], parts: Sequence[Part], bias: Array) -> None:
        self.labels = tuple(labels)
        self._parts = tuple(parts)
        self._bias = bias

    @classmethod
    def train(cls, texts: Sequence[str], labels: Sequence[str], settings: Settings) -> TextModel:
        """Fit on `texts` (raw) and their `labels`, three or more. The same input and settings give the same model."""
        chance = random.Random(settings.seed)
        sentences = [normalise(text) for text in texts]
        copies = [noisy(text, settings.noise, chance) for _ in range(settings.noisy_copies) for text in sentences]
        vectors = [TfidfVectorizer(**how) for how in _ANALYSIS.values()]
        blocks = [each.fit_transform(sentences + copies) for each in vectors]
        features = hstack([blocks[0] * settings.words_weight, *blocks[1:]]).tocsr()
        known, wanted = np.unique(np.asarray(labels, dtype=str), return_inverse=True)
        targets = np.tile(wanted, 1 + settings.noisy_copies)
        machine = _machine(settings).fit(features, targets)
        sharpness = _sharpness(features, targets, len(texts), settings)
        weights = np.split((sharpness * machine.coef_.T).astype(np.float32), [len(vectors[0].vocabulary_)])
        weights[0] *= settings.words_weight
        parts = [
            Part(name, {term: int(row) for term, row in each.vocabulary_.items()}, each.idf_.astype(np.float32), rows)
            for name, each, rows in zip(_ANALYSIS, vectors, weights, strict=True)
        ]
        return cls([str(label) for label in known], parts, sharpness * machine.intercept_)

    def rank(self, text: str) -> list[tuple[str, float]]:
        """Return every label with its probability, best first; an empty list when no part of `text` is known."""
        plain = normalise(text)
        scores = [score for score in (part.score(plain) for part in self._parts) if score is not None]
        if not scores:
            return []
        total = np.sum(scores, axis=0) + self._bias
        chances = np.exp(total - total.max())
        chances /= chances.sum()
        return [(self.labels[at], float(chances[at])) for at in np.argsort(-chances, kind="stable")]

    def save(self, folder: Path) -> None:
        """Write `model.json` (vocabularies, labels) and `model.npz` (weights) into `folder`."""
        content = {"labels": self.labels, "rows": {part.name: part.rows for part in self._parts}}
        (folder / "model.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        arrays = {f"{part.name}_{kind}": getattr(part, kind) for part in self._parts for kind in ("rarity", "weights")}
        np.savez(folder / "model.npz", bias=self._bias, **arrays)

    @classmethod
    def load(cls, folder: Path) -> TextModel:
        """Read what `save` wrote."""
        content = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        with np.load(folder / "model.npz", allow_pickle=False) as arrays:
            parts = [
                Part(name, rows, arrays[f"{name}_rarity"], arrays[f"{name}_weights"])
                for name, rows in content["rows"].items()
            ]
            return cls(content["labels"], parts, arrays["bias"])


class Part:
    """One kind of feature: `rows` of each term in `rarity` (IDF, one per term) and `weights` (terms by labels)."""

    def __init__(self, name: str, rows: Mapping[str, int], rarity: Array, weights: Array) -> None:
        self.name = name
        self.rows = rows
        self.rarity = rarity
        self.weights = weights
        self._terms = TfidfVectorizer(**_ANALYSIS[name]).build_analyzer()

    def score(self, text: str) -> Array | None:
        """Return what this kind of feature adds to each label's score (TF-IDF of unit length times the weights)."""
        counts = Counter(row for row in map(self.rows.get, self._terms(text)) if row is not None)
        if not counts:
            return None
        found = np.fromiter(counts, dtype=np.intp, count=len(counts))
        values = (1 + np.log(np.fromiter(counts.values(), dtype=np.float32, count=len(counts)))) * self.rarity[found]
        return values / np.linalg.norm(values) @ self.weights[found]


def _machine(settings: Settings) -> Any:
    return LinearSVC(C=settings.inverse_regularisation, random_state=settings.seed)


def _sharpness(features: Any, targets: Array, sentences: int, settings: Settings) -> float:
    """What margins are multiplied by, so that the chances of sentences left out of the training are the likeliest.

    `features` and `targets` are of `sentences` texts, then of as many copies as there are: a text and its copies stay
    together.
    """
    folds = np.random.RandomState(settings.seed).randint(0, settings.folds, sentences)
    everywhere = np.tile(folds, len(targets) // sentences)
    margins, wanted = [], []
    for fold in range(settings.folds):
        inside = everywhere != fold
        machine = _machine(settings).fit(features[inside], targets[inside])
        column = {label: at for at, label in enumerate(machine.classes_)}
        rows = [row for row in np.flatnonzero(folds == fold) if targets[row] in column]
        if rows and len(column) > 2:  # of two labels there is one margin only; such folds are of tiny examples
            margins.append(machine.decision_function(features[rows]))
            wanted.append(np.array([column[targets[row]] for row in rows]))

    def surprise(sharpness: float) -> float:
        return float(sum(_surprise(sharpness * each, right) for each, right in zip(margins, wanted, strict=True)))

    return float(minimize_scalar(surprise, bounds=(0.5, 20.0), method="bounded").x) if margins else 1.0


def _surprise(scores: Array, right: Array) -> float:
    """The negative log-likelihood of the columns `right` (one per row) of `scores` (rows by labels)."""
    top = scores.max(axis=1)
    return float(np.sum(top + np.log(np.exp(scores - top[:, None]).sum(axis=1)) - scores[np.arange(len(right)), right]))
