"""What a mail is about, without its address and farewell, and its sentences whole."""

from __future__ import annotations

import pytest

from bot.letters import Letters

LETTERS = Letters.read()
SUBJECT = "The printer on the second floor does not print any more"


@pytest.mark.parametrize(
    ("mail", "matter"),
    [
        ("Dear support,\n\nMy printer is dead.\n\nKind regards,\nAlice Johnson\nFinance", "My printer is dead."),
        ("Beste collega's van ICT,\n\nDe wifi is weg.\n\nMet vriendelijke groet,\n\nJan", "De wifi is weg."),
        ("Wifi\nHello,\nIt is gone.\nRegards", "Wifi\nIt is gone."),
        (f"{SUBJECT}\nDear all,\nHelp.", f"{SUBJECT}\nHelp."),
        ("Hi, my printer is broken", "my printer is broken"),
        ("Goedemorgen allemaal,\nGeen internet.\nGroetjes Cor", "Geen internet."),
        ("Hoi,\n\nstap 2 gedaan.\nBedankt, het werkt weer!", "stap 2 gedaan.\nBedankt, het werkt weer!"),
        ("2\n\nThanks,\nBob de Vries", "2"),
        ("Hello my printer is broken\nplease help", "Hello my printer is broken\nplease help"),
        ("Thanks!", "Thanks!"),
        ("Beste", "Beste"),
        ("  ", ""),
        ("None of these helped. Best, Bob", "None of these helped. Best, Bob"),
        ("Regards\n\nP.S. the scanner of that printer does not work any more either", None),
    ],
)
def test_address_and_farewell_are_left_out(mail: str, matter: str | None) -> None:
    assert LETTERS.body(mail) == (mail.replace("\n\n", "\n") if matter is None else matter)


def test_lines_that_the_mail_program_broke_are_joined() -> None:
    mail = (
        "Since this morning I cannot print anything any more from my laptop. The\n"
        "printer is the big one upstairs.\n\n"
        "What I tried:\n- restarted my laptop and then waited for about ten minutes or so\n- another cable\n"
    )
    assert LETTERS.body(mail).split("\n") == [
        "Since this morning I cannot print anything any more from my laptop. The printer is the big one upstairs.",
        "What I tried:",
        "- restarted my laptop and then waited for about ten minutes or so",
        "- another cable",
    ]
