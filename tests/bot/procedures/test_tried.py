"""What customers say of instructions that were told as a numbered list."""

from __future__ import annotations

import time

import pytest

from bot.procedures.loader import load_words
from bot.procedures.tried import tried
from bot.procedures.words import Words
from tests.bot.procedures.conftest import ROOT

W, F, D, C = "worked", "failed", "did", "cannot"


@pytest.fixture(scope="module")
def words() -> Words:
    return load_words(ROOT / "bot/texts")


@pytest.mark.parametrize(
    ("text", "results"),
    [
        # a number answers the question after which one it works
        ("2", (F, W)),
        ("2.", (F, W)),
        ("Option 2", (F, W)),
        ("answer: 3", (F, F, W)),
        ("after step 2", (F, W)),
        ("the second one helped", (F, W)),
        ("De tweede hielp", (F, W)),
        ("The last one did the trick", (F, F, W)),
        ("After step 2 it works again, thank you very much!", (F, W)),
        ("Stap 2 heeft geholpen, bedankt!", (F, W)),
        ("Na stap 3 doet hij het weer", (F, F, W)),
        ("1: no\n2: no\n3: yes", (F, F, W)),
        ("I did steps 1 and 2 and now it works", (F, W)),
        ("I did 1 and 2. It works now!", (F, W)),
        ("Ik heb stap 1 en 2 uitgevoerd. Na stap 2 kon ik weer printen. Hartelijk dank!", (F, W)),
        ("Step 1 was not necessary, step 2 solved it", (F, W)),
        ("1 and 2 helped", (F, W)),
        ("All steps done and it works again", (F, F, W)),
        # nothing helped
        ("none", (F, F, F)),
        ("geen", (F, F, F)),
        ("Nee, helaas.", (F, F, F)),
        ("none of it worked", (F, F, F)),
        ("I have tried all the steps but nothing helped.", (F, F, F)),
        ("Geen van de stappen hielp helaas.", (F, F, F)),
        ("It still does not print.", (F, F, F)),
        ("Ik heb alles geprobeerd maar het werkt nog steeds niet", (F, F, F)),
        ("1, 2 and 3 did not help", (F, F, F)),
        ("stap 1 t/m 3 gedaan, geen verschil", (F, F, F)),
        ("Hi, I tried step 1, step 2 and step 3. No luck unfortunately.", (F, F, F)),
        ("I've done all of this but it still gives the same error.", (F, F, F)),
        # only the beginning
        ("I only did 1", (F,)),
        ("2) it still fails", (F, F)),
        ("Step 1 worked fine but it still does not print", (F,)),
        # something cannot be done
        ("I did 1 and 2, at 3 I get an error: 0x80070005", (F, F, C)),
        ("1. done\n2. done\n3. cannot, greyed out", (F, F, C)),
        ("1 en 2 gedaan, bij 3 krijg ik een foutmelding", (F, F, C)),
        ("Maar stap 2 kan ik niet uitvoeren, ik heb geen rechten.", (F, C)),
        ("I did the first, the second I could not find", (F, C)),
        ("3 is not possible because I have no admin rights. 1 and 2 did not help.", (F, F, C)),
        # everything done, and no word on whether it works
        ("done", (F, F, D)),
        ("2 did not help but 3 did", (F, F, D)),
    ],
)
def test_what_became_of_each(text: str, results: tuple[str, ...], words: Words) -> None:
    assert tried(text, 3, words) == results


@pytest.mark.parametrize(
    "text",
    [
        "How do I do step 2?",
        "step 1 helped? no idea",
        "I restarted it 2 times",
        "My colleague with Windows 11 has 3 printers",
        "We have room 2",
        "Thanks, I will try tomorrow",
        "No problem, I will do it tomorrow",
        "I am still trying, will let you know",
        "I have not tried step 2 yet",
        "nog niet gedaan",
        "no error any more after step 2",
        "not after 2 but after 3",
        "By the way, my screen is broken too",
        "I want to talk to a person",
        "It works now",
        "first I restarted the printer and then it worked",
        "7",
        "ok",
        "",
    ],
)
def test_what_says_nothing_of_the_list_is_left_to_others(text: str, words: Words) -> None:
    assert tried(text, 3, words) is None


def test_of_one_instruction_what_could_not_be_done_needs_no_number(words: Words) -> None:
    assert tried("I can't", 1, words) == (C,)
    assert tried("I can't", 2, words) is None


@pytest.mark.parametrize("text", ["1" * 8000, "\t" * 8000, "step " * 1600, "a." * 4000], ids=range(4))
def test_what_is_no_answer_of_a_persons_is_left_to_others_in_a_moment(text: str, words: Words) -> None:
    began = time.process_time()
    assert tried(text, 5, words) is None
    assert time.process_time() - began < 0.5
