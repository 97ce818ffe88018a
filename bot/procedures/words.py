"""The words that the command layer knows in any procedure: `texts/words.yml`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """What the command layer recognises besides a step's own answers; lower case, of both languages."""

    filler: tuple[str, ...] = ()
    """Words that carry no answer: "please", "I think"."""
    correction: tuple[str, ...] = ()
    """Beginnings that take something back: "sorry, I meant"."""
    wait: tuple[str, ...] = ()
    """The customer is still busy: "one moment"."""
    negation: tuple[str, ...] = ()
    """Words that turn a sentence round: "not", "niet"; one word each."""
    conjunction: tuple[str, ...] = ()
    """Words that begin a new clause: "but", "omdat"; one word each."""
    solved: tuple[str, ...] = ()
    """The trouble is over, whatever was asked: "it works again"."""
    unsolved: tuple[str, ...] = ()
    """The trouble is not over, whatever was asked: "still does not work"."""
    pronoun: tuple[str, ...] = ()
    """Beginnings of a clause that does not say what it is about: "it is slow"."""
    showing: tuple[str, ...] = ()
    """Beginnings of a message that points at the files that came with it: "this is what I see"."""
    showing_more: tuple[str, ...] = ()
    """What may follow such a beginning without saying more: "… on my screen now"; one word each."""
    ordinals: tuple[str, ...] = ()
    """Each language's "first", "second" … in order, equally many of each."""
    article: tuple[str, ...] = ()
    """What surrounds an ordinal: "the … one"."""
    failing: tuple[str, ...] = ()
    """Words of a "no" that speaks of the trouble, not of an offer: "it does not work"."""
    other: tuple[str, ...] = ()
    """Words for the one not taken, as in "the other one"; one word each."""
    restart: tuple[str, ...] = ()
    """Words without which nobody begins again from nothing: "start over"."""
    tried_step: tuple[str, ...] = ()
    """What an instruction of a list is called; like all of `tried_…`, see `bot.procedures.tried`."""
    tried_before: tuple[str, ...] = ()
    """What may stand before the number of an instruction: "after 2", "step 2"; one word each."""
    tried_units: tuple[str, ...] = ()
    """What makes the number before it another one: "2 times"; one word each."""
    tried_and: tuple[str, ...] = ()
    """What joins numbers."""
    tried_last: tuple[str, ...] = ()
    """The last instruction of the list."""
    tried_all: tuple[str, ...] = ()
    """All instructions of the list."""
    tried_still: tuple[str, ...] = ()
    """The trouble is not over, whatever else is said: "still"."""
    tried_cannot: tuple[str, ...] = ()
    """An instruction could not be done."""
    tried_error: tuple[str, ...] = ()
    """An instruction ends in an error, unless there is a no beside it."""
    tried_failed: tuple[str, ...] = ()
    """An instruction did not help."""
    tried_nothing: tuple[str, ...] = ()
    """Words of a no: "none", "nothing"; one word each."""
    tried_filler: tuple[str, ...] = ()
    """What may stand beside them: "none of them, sorry"; one word each."""
    tried_worked: tuple[str, ...] = ()
    """An instruction helped."""
    tried_did: tuple[str, ...] = ()
    """An instruction was done."""
    since: tuple[str, ...] = ()
    """Without one of them beside it, a time in a mail does not say since when; one word each."""
    mined_not: tuple[str, ...] = ()
    """With one of them, a clause of a mail does not say what has been done; one word each."""
    dismiss: tuple[str, ...] = ()
    """Beginnings that make what follows the last word on it: "never mind"."""
    secret: tuple[str, ...] = ()
    """What a password is called; "password: …" and "password is …" give one away."""
    secret_login: tuple[str, ...] = ()
    """What stands before a user name and a password: "login jan / …"."""
    secret_pin: tuple[str, ...] = ()
    """What a PIN is called."""
    secret_code: tuple[str, ...] = ()
    """What a one-time code is called, beyond "code"."""
    secret_the: tuple[str, ...] = ()
    """What stands before "code" when a one-time code is meant: "the", not "error"."""
    secret_sent: tuple[str, ...] = ()
    """How a one-time code came: "received", "sms"."""
    secret_key: tuple[str, ...] = ()
    """What a recovery key is called."""
    secret_is: tuple[str, ...] = ()
    """Links a name to a secret: "is", "luidt"."""
    secret_given: tuple[str, ...] = ()
    """Begins the clause that gives a password away: "it is", "I typed"."""
    secret_to: tuple[str, ...] = ()
    """Links a change to a new password: "changed my password to …"."""
    secret_back: tuple[str, ...] = ()
    """Links a secret to the name after it: "… is my password"."""
    secret_and: tuple[str, ...] = ()
    """Links a secret to one more: "and"."""
    secret_filler: tuple[str, ...] = ()
    """May stand between the link and the secret: "is still …"."""
    secret_not: tuple[str, ...] = ()
    """First words of what one says about a password: "expired", "not"; one word each."""
    secret_thing: tuple[str, ...] = ()
    """Products and standards that look like a password: "windows" (11), "802.1x"; without their version."""
    secret_common: tuple[str, ...] = ()
    """Passwords that look like words: "qwerty"."""
    secret_other: tuple[str, ...] = ()
    """What else has a number or a name: "error", "ticket"; one word each, also the last part of a compound."""
