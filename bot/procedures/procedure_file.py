"""One file of `data/procedures` to a `Procedure`; every mistake becomes a `Problem` with its cure.

A procedure is (every text is `{en: …, nl: …}`; `?` = may be left out):

    id, version, title, summary, start, examples: {en: [...], nl: [...]}, category, team, impact, urgency (1 high … 3
    low), intents? ([id] if left out), shared? (true: only called by others; it needs no examples and no
    classification), errand? (true: no trouble with IT; it needs no classification, and its resolve solves nothing)
    steps:
      <id>: {label?: …, and one of}
        ask: …        options: {<id>: {title: …, synonyms?: {en: [...], nl: [...]}, told?: {…}, next: step}},
                      or next: step (then any text is an answer);
                      fact? (remember the answer by this name), anew? (true: ask also what is known),
                      offered? (true, with `next`: the answers are what the action before found to choose from),
                      verbatim? (true, with `next`: "it works again" is an answer too),
                      opening? ([options] the first message may give by their title or synonyms; `told` are words
                      that give the option in the first message only)
        instruct: …   next: step, cannot?: step, destructive? (true: may lose data; only right after a question's yes),
                      already? ({en: [...], nl: [...]}: words of a mail that say that it has been done; “…”
                      stands for up to four words)
        check: …      yes: step, no: step
                      these three: why? (text), help? (text, and texts for windows, macos, linux, ios, android),
                      unknown? (step), skippable? (step; true: where it leads anyhow), interrupt? (allow, confirm,
                      block), time? (minutes)
        say: …        next: step
        branch: fact  cases: {<answer>: step}, otherwise: step
        call: procedure    next: step
        do: action_…  outcomes: {<outcome>: step}, error: step, facts? ([what the action tells besides])
        resolve: …
        escalate: …   note: … (for the technician), reason? (escalated, security), category?, team?, impact?, urgency?
        return: true

Options called yes, no, done or cannot need no title: `bot/texts/words.yml` has it. Texts may mention `{fact}`s.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.procedures.model import (
    ALLOW,
    BLOCK,
    CONFIRM,
    SYSTEMS,
    Ask,
    Branch,
    Call,
    Check,
    Choice,
    Do,
    Escalate,
    Help,
    Instruct,
    Option,
    Procedure,
    Resolve,
    Return,
    Say,
    Step,
    Text,
)
from bot.procedures.nodes import Fields

KINDS = ("ask", "instruct", "check", "say", "branch", "call", "do", "resolve", "escalate", "return")
RESERVED_OPTIONS = ("unknown", "skip", "next", "error", "otherwise")
REASONS = ("escalated", "security")
INTERRUPTS = (ALLOW, CONFIRM, BLOCK)
_NOTHING = Text("", "")


@dataclass(frozen=True)
class Vocabulary:
    """What a procedure may name: `_vocabulary.yml`."""

    categories: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    impacts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    common: tuple[str, ...] = ()


Lines = dict[tuple[str, str], tuple[str, int]]
"""(procedure, step or "") -> (file, line)."""


def flat(fields: Fields, name: str) -> tuple[str, ...]:
    """The words of all languages."""
    return tuple(word for words in fields.per_language(name).values() for word in words)


def read_option(name: str, fields: Fields) -> Option:
    """A title and its synonyms."""
    return Option(name, fields.text("title", required=True) or _NOTHING, flat(fields, "synonyms"))


class ProcedureReader:
    """Reads one procedure, and notes in `lines` where it stands.

    standard: the options that every procedure shares, by id.
    """

    def __init__(self, fields: Fields, vocabulary: Vocabulary, standard: dict[str, Option], lines: Lines) -> None:
        self.fields, self.vocabulary, self.standard, self.lines = fields, vocabulary, standard, lines
        self.id = ""

    def read(self) -> Procedure:
        """What could be read of it; what could not is among the problems of its fields."""
        fields = self.fields
        self.id = self._id(fields)
        fields.what = f"the procedure “{self.id}”"
        shared, errand = fields.word("shared") == "true", fields.word("errand") == "true"
        self.lines[self.id, ""] = (fields.file, fields.line_at("id"))
        intents = fields.words("intents")
        procedure = Procedure(
            id=self.id,
            version=fields.number("version", 1, 10_000, required=True) or 1,
            title=fields.text("title", required=True) or _NOTHING,
            summary=fields.text("summary", required=True) or _NOTHING,
            start=fields.word("start", required=True) or "",
            steps=self._steps(),
            shared=shared,
            errand=errand,
            intents=() if shared else intents or (self.id,),
            examples=fields.per_language("examples", required=not shared),
            **self._classification(fields, required=not shared and not errand),  # type: ignore[arg-type]
        )
        fields.close()
        return procedure

    def _id(self, fields: Fields) -> str:
        name = fields.word("id", required=True) or Path(fields.file).stem
        if not name.replace("_", "").isalnum() or "__" in name or name != name.lower():
            fields.problem(f"The id “{name}” must be small letters, digits and single “_”.", fields.line_at("id"))
        return name

    def _classification(self, fields: Fields, required: bool) -> dict[str, str | int | None]:
        return {
            "category": self._known(fields, "category", self.vocabulary.categories, required),
            "team": self._known(fields, "team", self.vocabulary.teams, required),
            "impact": fields.number("impact", 1, 3, required),
            "urgency": fields.number("urgency", 1, 3, required),
        }

    def _known(self, fields: Fields, name: str, known: tuple[str, ...], required: bool) -> str | None:
        word = fields.word(name, required)
        if word is not None and word not in known:
            fields.problem(
                f"The {name} “{word}” is not known; use one of {', '.join(known)}, or add it to _vocabulary.yml.",
                fields.line_at(name),
            )
        return word

    def _steps(self) -> dict[str, Step]:
        fields = self.fields.fields("steps", "“steps”", required=True)
        steps: dict[str, Step] = {}
        for name, child in fields.children("the step") if fields else ():
            self.lines[self.id, name] = (child.file, child.line)
            if ":" in name or "__" in name or "/" in name:
                child.problem(f"The step id “{name}” must be letters, digits and single “_”.")
            step = self._step(name, child)
            if step is not None:
                steps[name] = step
        return steps

    def _step(self, name: str, fields: Fields) -> Step | None:
        kinds = [k for k in KINDS if k in fields.names()]
        if len(kinds) != 1:
            fields.problem(f"{fields.what} must have exactly one of {', '.join(KINDS)}; it has {len(kinds)}.")
            return None
        label = fields.text("label")
        step = _STEP_READERS[kinds[0]](self, name, fields, label)
        fields.close()
        return step

    def _turn(self, fields: Fields) -> dict[str, object]:
        return {
            "why": fields.text("why"),
            "help": self._help(fields),
            "unknown": fields.word("unknown"),
            "interrupt": self._one_of(fields, "interrupt", INTERRUPTS),
            "time": fields.number("time", 1, 240),
        }

    def _help(self, fields: Fields) -> Help | None:
        child = fields.fields("help", f"“help” of {fields.what}")
        if child is None:
            return None
        said = child.translations("help", fields.what)
        systems = {name: text for name in SYSTEMS if (text := child.text(name)) is not None}
        child.close()
        return Help(said.en, said.nl, systems)

    def _skip(self, fields: Fields, *otherwise: str | None) -> str | None:
        """Where a skippable step leads: the step named, or the first of `otherwise` that there is."""
        word = fields.word("skippable")
        return next((step for step in otherwise if step), None) if word == "true" else word

    def _one_of(self, fields: Fields, name: str, known: tuple[str, ...]) -> str:
        """The first of `known` when nothing is said."""
        word = fields.word(name) or known[0]
        if word not in known:
            fields.problem(f"“{name}” is {word}; it must be one of {', '.join(known)}.", fields.line_at(name))
        return word

    def _ask(self, name: str, fields: Fields, label: Text | None) -> Step:
        text = fields.text("ask", required=True) or _NOTHING
        told: list[Option] = []
        choices, following = self._choices(fields, told), fields.word("next")
        if bool(choices) == bool(following):
            fields.problem(f"{fields.what} needs either “options”, or “next” when any text is an answer.")
        fact = fields.word("fact")
        opening = (*self._opening(fields, choices), *told)
        if opening and fact is None:
            fields.problem(f"{fields.what} needs a “fact” to remember what the first message told.")
        skip = self._skip(fields, fields.word("unknown"), following, *(c.next for c in choices))
        flags = {flag: fields.word(flag) == "true" for flag in ("anew", "offered", "verbatim")}
        if choices and (flags["offered"] or flags["verbatim"]):
            fields.problem(f"{fields.what} has options; “offered” and “verbatim” are for questions without.")
        own = {"fact": fact, "next": following, "opening": opening, **flags, **self._turn(fields)}
        return Ask(name, text, choices, label=label, skip=skip, **own)  # type: ignore[arg-type]

    def _opening(self, fields: Fields, choices: tuple[Choice, ...]) -> list[Option]:
        known = {choice.option.id: choice.option for choice in choices}
        names = fields.words("opening")
        for name in names:
            if name not in known:
                fields.problem(f"“{name}” of “opening” is no option of this question.", fields.line_at("opening"))
        return [known[name] for name in names if name in known]

    def _choices(self, fields: Fields, told: list[Option]) -> tuple[Choice, ...]:
        options = fields.fields("options", f"the options of {fields.what}")
        choices = []
        for name, child in options.children("the option") if options else ():
            if name in RESERVED_OPTIONS or ":" in name:
                child.problem(f"An option cannot be called “{name}”; choose another id.")
            standard = self.standard.get(name)
            own = standard if standard and "title" not in child.names() else read_option(name, child)
            following = child.word("next", required=True) or ""
            said = child.per_language("told")
            if all(said.values()) and said:
                told.append(Option(name, Text(said["en"][0], said["nl"][0]), (*said["en"][1:], *said["nl"][1:])))
            child.close()
            choices.append(Choice(own, following))
        return tuple(choices)

    def _standard(self, fields: Fields, **targets: str | None) -> tuple[Choice, ...]:
        return tuple(
            Choice(self.standard[name], target)
            for name, target in targets.items()
            if target is not None and name in self.standard
        )

    def _instruct(self, name: str, fields: Fields, label: Text | None) -> Step:
        text = fields.text("instruct", required=True) or _NOTHING
        following, cannot = fields.word("next", required=True), fields.word("cannot")
        choices = self._standard(fields, done=following, cannot=cannot)
        skip, destructive = self._skip(fields, cannot, following), fields.word("destructive") == "true"
        said = fields.per_language("already")
        already = tuple(phrase for phrases in said.values() for phrase in phrases)
        own = {"already": already, "label": label, "skip": skip, **self._turn(fields)}
        return Instruct(name, text, choices, destructive, **own)  # type: ignore[arg-type]

    def _check(self, name: str, fields: Fields, label: Text | None) -> Step:
        text = fields.text("check", required=True) or _NOTHING
        yes, no = fields.word("yes", required=True), fields.word("no", required=True)
        choices, skip = self._standard(fields, yes=yes, no=no), self._skip(fields, no)
        return Check(name, text, choices, label=label, skip=skip, **self._turn(fields))  # type: ignore[arg-type]

    def _say(self, name: str, fields: Fields, label: Text | None) -> Step:
        return Say(
            name, fields.text("say", required=True) or _NOTHING, fields.word("next", required=True) or "", label=label
        )

    def _branch(self, name: str, fields: Fields, label: Text | None) -> Step:
        cases = self._targets(fields, "cases")
        otherwise = fields.word("otherwise", required=True) or ""
        return Branch(name, fields.word("branch", required=True) or "", cases, otherwise, label=label)

    def _targets(self, fields: Fields, name: str) -> dict[str, str]:
        child = fields.fields(name, f"“{name}” of {fields.what}", required=True)
        return {key: child.word(key, required=True) or "" for key in child.names()} if child else {}

    def _call(self, name: str, fields: Fields, label: Text | None) -> Step:
        called = fields.word("call", required=True) or ""
        return Call(name, called, fields.word("next", required=True) or "", label=label)

    def _do(self, name: str, fields: Fields, label: Text | None) -> Step:
        action = fields.word("do", required=True) or ""
        outcomes = self._targets(fields, "outcomes")
        error, told = fields.word("error", required=True) or "", fields.words("facts")
        return Do(name, action, outcomes, error, told, label=label)

    def _resolve(self, name: str, fields: Fields, label: Text | None) -> Step:
        return Resolve(name, fields.text("resolve", required=True) or _NOTHING, label=label)

    def _escalate(self, name: str, fields: Fields, label: Text | None) -> Step:
        text = fields.text("escalate", required=True) or _NOTHING
        note = fields.text("note", required=True) or _NOTHING
        reason = self._one_of(fields, "reason", REASONS)
        own = self._classification(fields, required=False)
        return Escalate(name, text, note, reason=reason, label=label, **own)  # type: ignore[arg-type]

    def _return(self, name: str, fields: Fields, label: Text | None) -> Step:
        fields.take("return")
        return Return(name, label=label)


_STEP_READERS = {
    "ask": ProcedureReader._ask,
    "instruct": ProcedureReader._instruct,
    "check": ProcedureReader._check,
    "say": ProcedureReader._say,
    "branch": ProcedureReader._branch,
    "call": ProcedureReader._call,
    "do": ProcedureReader._do,
    "resolve": ProcedureReader._resolve,
    "escalate": ProcedureReader._escalate,
    "return": ProcedureReader._return,
}
