"""Secrets that customers type are masked, and nothing else is."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.procedures.loader import load_words
from bot.procedures.secrets import MARK, gives_password, holds, mask
from bot.procedures.words import Words

ROOT = Path(__file__).parents[3]
WORDS = load_words(ROOT / "bot" / "texts")
LONG_KEY = "123456-234567-345678-456789-567890-678901-789012-890123"

# {…} is what must be masked; the rest must stay as it is.
SECRETS = [
    "It still asks. Code {123456}",
    "my password is {Welkom01!}",
    "my password is {Welkom01} and it does not work",
    "password: {x}",
    "password: {bluehorse}",
    "pw={abc}",
    "PW = {hunter2}",
    "MY PASSWORD IS {WELKOM01}",
    "my password is {1234}",
    "my password is {BlueHorse} but nothing happens",
    "my password is {qwerty}",
    "password is: {hunter2}",
    "password -> {Welkom01}",
    "my password is now {Welkom01}.",
    "password is set to {Welkom01}",
    "password {P@ssword}",
    "user jan password {Zomer2024}",
    "login: jan pass: {bluehorse}",
    "login: jan pass: {Blue!1}",
    "account jan {Welkom123}",
    "the password for the guest wifi is {Guest2024}",
    "My password that I always use is {Welkom01}",
    "I typed my password, it is {Zomer2024!} but it does not accept it",
    "my password does not work, it's {Zomer2024!} but it does not accept it",
    "I tried my password, I used {Zomer2024} and {Zomer2025}",
    "I changed my password from {Zomer2024} to {Winter2025}",
    "my passwords are {Zomer2024} and {Winter2025}",
    "my old password was {Zomer2023}, the new one is {Winter2024}",
    "my password starts with {Zomer2024}",
    "my password's {Hunter2!}",
    "the wifi key is {8F3K-22LM}",
    "I got a code {482913}",
    "I use {G-482913} as code",
    "My PIN is {12 34}",
    "{Zomer2024} is my password",
    "my password is {Zomer2023} and my pin is {4821}",
    "wachtwoord is {Zomer2024}",
    "mijn wachtwoord is {Welkom}",
    "mijn ww is nog steeds {Welkom01}",
    "ww {Welkom01}",
    "ww: {geheim}",
    "ww is {hunter-two}",
    "wachtwoord - {Welkom01}",
    "wachtwoord ({Welkom01})",
    "wifiwachtwoord: {Guest2024}",
    "wachtwoord van mijn laptop is {Welkom01}",
    "mijn wachtwoord werkt niet, het is {Zomer2024!}",
    "ik heb mijn wachtwoord gewijzigd naar {Welkom02}",
    "ik gebruik {Welkom01} als wachtwoord",
    "ik typ {Zomer2024} in als wachtwoord",
    "zet mijn wachtwoord op {Welkom01!}",
    "inlog jan / {Welkom123}",
    "inlog: jan/{Welkom123}",
    "inloggegevens: jan@example.org {Welkom123!}",
    "password:\n{Welkom01}",
    "wachtwoord:\n\n{Welkom01}\nwerkt niet",
    "username: jan\nPassword:\n{bluehorse}",
    'my password "{blue horse}" is refused',
    "my password is “{blue horse}”",
    "wachtwoord '{blauw paard}' werkt niet",
    "my pin is {4821}",
    "pincode {4821}",
    "pin: {482100}",
    "de pincode van mijn telefoon is {4821}",
    "the code is {123456}",
    "code: {123456}",
    "the code I received is {123456}",
    "de code die ik kreeg is {123456}",
    "{123456} is de code",
    "sms code {123456}",
    "mijn sms-code is {482913}",
    "otp {482913}",
    "verificatiecode: {123456}",
    "verificatiecode: {123 456}",
    f"my bitlocker key is {{{LONG_KEY}}}",
    f"{{{LONG_KEY}}}",
    f"recovery key: {{{LONG_KEY.replace('-', ' ')}}}",
    "herstelsleutel {ABCD-1234-EFGH-5678}",
]

NO_SECRETS = [
    "my password is expired",
    "my password is expired!",
    "my password is not accepted",
    "my password is wrong!!!",
    "My Password Is Expired",
    "MY PASSWORD IS NOT WORKING",
    "my password isn't working",
    "my password is what's needed",
    "my password is case-sensitive",
    "my password is 100% correct",
    "my password is 8 characters long",
    "the password is",
    "password:",
    "password :(",
    "password: it does not work",
    "password reset",
    "password reset 12345678",
    "password reset: https://example.org/reset?x=1a2b3c",
    "password windows11 not accepted",
    "the password for office365 is not accepted",
    "password 802.1x",
    "password does not work since 10:30uur",
    "wachtwoord is verlopen",
    "mijn wachtwoord is verlopen, denk ik",
    "wachtwoord is hetzelfde als gisteren",
    "wachtwoord vergeten",
    "wachtwoord: vergeten",
    "wachtwoord: werkt niet",
    "wachtwoord office365 werkt niet",
    "my password is 90 dagen geldig",
    'the message says "wrong password" "try again"',
    'it says my password is "not strong enough"',
    "my password does not work, my username is jan123",
    "wachtwoord werkt niet en mijn gebruikersnaam is jan123",
    "wachtwoord vergeten voor jan.jansen1@example.org",
    "inloggen op Windows11",
    "login page v2.1.3",
    "log in to office365 / teams",
    "login: jan",
    "report2024.xlsx is password protected",
    "this file is password protected: report2024.xlsx",
    "log in on laptop LT-00123 fails",
    "wachtwoord foutcode 0xc000006d",
    "wachtwoord is niet goed, 3x geprobeerd",
    "i changed my password on 12-03-2024 and since then outlook keeps asking",
    "my password is accepted on iPhone14 but not on my laptop",
    "username is jan123 and password is unknown",
    "pin the window to the taskbar",
    "pin 12 of the connector",
    "a 24-pin 1234 cable",
    "pin is blocked",
    "error code 0x80070005",
    "error code 123456",
    "the error says code 123456",
    "foutcode 651",
    "foutcode 123456",
    "the code on the printer is 13.2",
    "the code on the printer is 123456",
    "i do not get the code",
    "the code has 6 digits",
    "de code komt niet binnen",
    "postcode 1234",
    "my password does not work, ticket FL-1001",
    "password ticket is FL-1001",
    "password does not work on printer PRN-04",
    "my password prompt comes from the printer, it is PRN-04",
    "forgot my password, call me at 0612345678",
    "wachtwoord kwijt, mijn nummer is 0612345678",
    "call me at +31612345678",
    "password does not work in room 4123",
    "bitlocker recovery key ID A1B2C3D4",
]


@pytest.mark.parametrize("written", SECRETS)
def test_a_secret_is_masked_and_the_rest_is_kept(written: str) -> None:
    text = written.replace("{", "").replace("}", "")
    masked = mask(text, WORDS)
    # A closing "!" may belong to the secret or to the sentence: it goes with the secret.
    assert masked == re.sub(r"\{[^}]*\}", MARK, written)
    assert gives_password(text, WORDS)
    assert gives_password(masked, WORDS)


@pytest.mark.parametrize("text", NO_SECRETS)
def test_talking_about_a_secret_gives_none_away(text: str) -> None:
    assert mask(text, WORDS) == text
    assert not gives_password(text, WORDS)


def test_no_sentence_that_the_assistant_learns_from_is_masked() -> None:
    for path in sorted((ROOT / "data" / "nlu").glob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8")).get("nlu", []):
            for line in str(block.get("examples", "")).splitlines():
                assert mask(line.removeprefix("- "), WORDS) == line.removeprefix("- ")


def test_without_words_nothing_is_masked() -> None:
    assert mask("my password is Zomer2024", Words()) == "my password is Zomer2024"


def _likely_passwords() -> st.SearchStrategy[str]:
    """Letters, digits and perhaps a sign, in mixed case; neither a product's name nor a word of ours."""
    word = st.text("abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=8).map(str.capitalize)
    drawn = st.builds(
        lambda letters, number, sign: f"{letters}{number}{sign}",
        word.filter(lambda letters: letters.lower() not in (*WORDS.secret_thing, *WORDS.secret_not)),
        st.integers(10, 9999),
        st.sampled_from(["", "!", "#", "@x", "?"]),
    )
    return drawn.filter(lambda secret: secret[:4].lower() != "http")


_GIVING = [
    "my password is {}",
    "Password: {}",
    "pw={}",
    "wachtwoord is {} en het werkt niet",
    "ww {}",
    "hallo, mijn wachtwoord:\n{}\ngroet",
    "user jan password {}",
    'password "{}"',
    "inlog jan / {}",
    "my password does not work, it is {} but nothing happens",
]
_SIGNS = (
    ":",
    "=",
    '"',
    "'",
    "“",
    "-",
    "\n",
    ".",
    MARK,
    "●",
    "not",
    "code",
    "Zomer2024!",
    "123456",
    "4821",
    "https://x.nl/",
)
_PIECES = st.sampled_from(
    [
        *_SIGNS,
        *(*WORDS.secret, *WORDS.secret_login, *WORDS.secret_pin, *WORDS.secret_code),
        *(*WORDS.secret_is, *WORDS.secret_given, *WORDS.secret_back, *WORDS.secret_and),
    ]
)


@given(st.sampled_from(_GIVING), _likely_passwords())
def test_the_secret_is_never_left_in_the_text(sentence: str, secret: str) -> None:
    assert secret.rstrip("?!") not in mask(sentence.format(secret), WORDS)


@given(st.one_of(st.text(), st.lists(st.one_of(_PIECES, st.text(max_size=6)), max_size=25).map(" ".join)))
def test_masking_twice_is_masking_once(text: str) -> None:
    masked = mask(text, WORDS)
    assert mask(masked, WORDS) == masked
    assert gives_password(text, WORDS) == (MARK in masked)


_SECRET_WORDS = re.compile(
    "|".join(
        map(
            re.escape,
            ("code", *WORDS.secret, *WORDS.secret_login, *WORDS.secret_pin, *WORDS.secret_code, *WORDS.secret_key),
        )
    ),
    re.IGNORECASE,
)


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="●")))
def test_a_text_without_a_word_for_a_secret_is_never_changed(text: str) -> None:
    if not _SECRET_WORDS.search(text) and not re.search(r"\d{6}", text):
        assert mask(text, WORDS) == text


@pytest.mark.parametrize(
    ("first", "unit"),
    [
        *(
            ("", unit)
            for unit in ("password ", "password is ", "password: Welkom01 ", "PASSWORD: A ", "pw=", "pin 1234 ")
        ),
        *(
            ("", unit)
            for unit in ("\n", "123456-", '"a', f"{MARK} and ", "the code ", "code. ", "code, ", "error code ")
        ),
        *(("password is Zomer2024", more) for more in (" and Winter2025", ", Winter2025", " and “Winter2025”")),
    ],
)
def test_even_a_text_of_nothing_but_secrets_is_masked_in_a_moment(first: str, unit: str) -> None:
    # Five times the longest message of a chat. What looks back at everything before, or begins anew for each secret,
    # takes minutes and hours.
    text = first + unit * (40_000 // len(unit))
    began = time.process_time()
    masked = mask(text, WORDS)
    assert time.process_time() - began < 5
    assert "Winter" not in masked


@pytest.mark.parametrize("unit", ["password=a,", "password “"])
def test_a_text_full_of_names_of_secrets_costs_little(unit: str) -> None:
    text = unit * (200_000 // len(unit))
    began = time.process_time()
    assert len(mask(text, WORDS)) <= len(text)
    holds(text, WORDS)
    assert time.process_time() - began < 20  # it took minutes


def test_of_a_word_of_any_length_nothing_stays() -> None:
    text = f"my password is Zomer{'x9' * 5_000}! and my printer jams"
    assert mask(text, WORDS) == f"my password is {MARK} and my printer jams"


def test_what_follows_more_names_than_anybody_writes_is_masked_as_a_whole() -> None:
    text = "password\n" * 10_100 + "Zomer2024! is what I type"
    masked = mask(text, WORDS)
    assert masked.endswith(f"password{MARK}")
    assert masked.count("password") == 10_001
    assert mask(masked, WORDS) == masked
    assert holds(text, WORDS)


@pytest.mark.parametrize("text", ["my password is Welkom01!", f"my password is {MARK} and Winter2025!"])
def test_whether_there_is_a_secret_is_told_without_masking_it(text: str) -> None:
    assert holds(text, WORDS)
    assert not holds(mask(text, WORDS), WORDS)
