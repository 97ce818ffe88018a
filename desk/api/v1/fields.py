"""What callers may send, said once: texts a database can keep, numbers that fit, and where a page begins."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field

from desk.model.ticket import HIGHEST, LOWEST

# Any text has something besides blanks in it, and no NUL, which databases refuse.
_SOMETHING = r"^[^\x00]*\S[^\x00]*$"
_ANYTHING = r"^[^\x00]*$"
_KEY = r"^[^\x00\s]+$"

Text = Annotated[str, Field(min_length=1, max_length=8000, pattern=_SOMETHING)]
AnyText = Annotated[str, Field(max_length=8000, pattern=_ANYTHING)]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=_SOMETHING)]
Subject = Annotated[str, Field(min_length=1, max_length=300, pattern=_SOMETHING)]
Email = Annotated[str, Field(max_length=320, pattern=r"^[^@\s\x00-\x20]+@[^@\s\x00-\x20]+$")]
Language = Annotated[str, Field(pattern=r"^[a-z]{2}$", description="ISO 639-1")]
Key = Annotated[str, Field(min_length=1, max_length=100, pattern=_KEY)]
Search = Annotated[str, Field(max_length=1000, pattern=_ANYTHING)]

_LARGEST = 2**53 - 1
"""Every program can hold integers up to this one exactly."""
Id = Annotated[int, Field(strict=True, ge=1, le=_LARGEST)]
Seq = Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)]
Revision = Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)]
Level = Annotated[int, Field(strict=True, ge=HIGHEST, le=LOWEST, description="1 is the highest")]
Switch = Annotated[bool, Field(strict=True)]

TicketNumber = Annotated[
    str, Path(pattern=r"^[Ff][Ll]-[0-9]{1,18}$", description="What people call the ticket", examples=["FL-1042"])
]
Number = Annotated[str, Field(pattern=r"^[Ff][Ll]-[0-9]{1,18}$", examples=["FL-1042"])]
PathId = Annotated[int, Path(ge=1, le=_LARGEST)]
QueryId = Annotated[int, Query(ge=1, le=_LARGEST)]
Before = Annotated[int | None, Query(ge=1, le=_LARGEST, description="The `next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=200, description="How many at most")]
After = Annotated[int, Query(ge=0, le=2**31 - 1, description="Only messages with a higher number")]


class Sent(BaseModel):
    """What a caller sends: nothing in it that nobody expects."""

    model_config = ConfigDict(extra="forbid")
