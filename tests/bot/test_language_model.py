"""English from Dutch, and when a conversation changes its language."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bot.foreign import foreign_words
from bot.language_model import OWN_WORDS, LanguageModel, Margins, language_wanted

DATA = Path(__file__).resolve().parents[2] / "data" / "nlu"
MARGINS = Margins()


@pytest.fixture(scope="module")
def examples() -> list[tuple[str, str]]:
    found = []
    for path in sorted(DATA.glob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8")).get("nlu", []):
            if "intent" in block:
                language = block["metadata"]["language"]
                found += [(line.removeprefix("- "), language) for line in block["examples"].splitlines()]
    return found


@pytest.fixture(scope="module")
def model(examples: list[tuple[str, str]]) -> LanguageModel:
    return LanguageModel.train(examples)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The copier on the ground floor swallowed my sheets", "en"),
        ("Could somebody look at the beamer in room five?", "en"),
        ("it keeps spinning and then gives up", "en"),
        ("Het kopieerapparaat beneden heeft mijn blaadjes opgegeten", "nl"),
        ("Zou iemand naar de beamer in kamer vijf kunnen kijken?", "nl"),
        ("hij blijft draaien en houdt er dan mee op", "nl"),
        ("kheb geen idee wrm t nie werkt", "nl"),
        ("why doesnt it do anythng", "en"),
    ],
)
def test_a_first_sentence_tells_its_language(model: LanguageModel, text: str, language: str) -> None:
    assert model.decide(text, None, MARGINS) == language


@pytest.mark.parametrize(
    "text", ["ok", "wifi", "printer offline", "123", "", "👍", "windows 11", "Tess", "error 0x11b"]
)
@pytest.mark.parametrize("known", ["en", "nl"])
def test_text_that_says_little_keeps_the_language(model: LanguageModel, text: str, known: str) -> None:
    assert model.decide(text, known, MARGINS) == known


@pytest.mark.parametrize("text", ["Yes!", "thanks", "sorry", "done"])
def test_an_english_word_alone_does_not_change_dutch(model: LanguageModel, text: str) -> None:
    assert model.decide(text, "nl", MARGINS) == "nl"


def test_a_clear_sentence_changes_the_language(model: LanguageModel) -> None:
    assert model.decide("ik snap er helemaal niets van", "en", MARGINS) == "nl"
    assert model.decide("i do not understand any of this", "nl", MARGINS) == "en"


FOREIGN = [
    "Mein Drucker druckt nicht mehr",
    "Guten Tag, ich kann mich seit heute nicht mehr am Rechner anmelden. Können Sie mir bitte helfen?",
    "Das WLAN funktioniert hier nicht",
    "die Maus geht nicht",
    "Bonjour, mon ordinateur ne démarre plus depuis ce matin",
    "je n’arrive pas à me connecter",
    "No puedo entrar en mi cuenta",
    "la stampante non funziona",
    "Не могу войти в систему",
    "プリンターが動きません",
]


@pytest.mark.parametrize("text", FOREIGN)
@pytest.mark.parametrize("known", [None, "en"])
def test_who_writes_a_language_that_is_not_spoken_here_is_answered_in_english(
    model: LanguageModel, text: str, known: str | None
) -> None:
    assert model.decide(text, known, MARGINS) == "en"


def test_who_was_answered_in_dutch_is_answered_in_english_after_a_whole_sentence_of_another_language(
    model: LanguageModel,
) -> None:
    assert model.decide("Ich verstehe das nicht, können Sie mir bitte auf Deutsch schreiben?", "nl", MARGINS) == "en"
    assert model.decide("nicht gut", "nl", MARGINS) == "nl"


@pytest.mark.parametrize(
    "text",
    [
        "Er staat: Der Server kann nicht gefunden werden. Wat moet ik nu doen, want ik kan niet werken?",
        "ik kan de map van Müller & Söhne niet openen",
        "het werkt nie, merci",
    ],
)
def test_foreign_words_in_a_dutch_message_leave_it_dutch(model: LanguageModel, text: str) -> None:
    assert model.decide(text, None, MARGINS) == "nl"
    assert model.decide(text, "nl", MARGINS) == "nl"


def test_no_dutch_sentence_of_ours_is_taken_for_another_language(examples: list[tuple[str, str]]) -> None:
    dutch = [text for text, language in examples if language == "nl"]
    assert len(dutch) > 1000
    assert [text for text in dutch if foreign_words(text, OWN_WORDS) >= MARGINS.foreign] == []


def test_without_any_evidence_the_language_is_english(model: LanguageModel) -> None:
    assert model.decide("", None, MARGINS) == "en"
    assert model.decide("...", "fr", MARGINS) == "en"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("English please", "en"),
        ("kan het ook in het engels?", "en"),
        ("sorry, I don't speak Dutch", "en"),
        ("could we go on in Dutch", "nl"),
        ("Nederlands graag", "nl"),
        ("ik versta geen Engels", "nl"),
        ("mijn engels is niet zo goed", "nl"),
        ("do you speak english or dutch", None),
        ("can I change the language", None),
    ],
)
def test_a_wish_names_the_language_wanted_or_the_one_not_wanted(text: str, language: str | None) -> None:
    assert language_wanted(text) == language
