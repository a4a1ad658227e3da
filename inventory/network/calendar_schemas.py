"""Calendars and replenishment sources as they come in and go out."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from inventory.kernel.fields import Code, Day, Text
from inventory.kernel.texts import gettext as _
from inventory.network.schemas import ClockTime

INTERVALS_MAX = 70
CLOSURES_MAX = 1_000
SOURCES_MAX = 20

_CALENDAR: JsonDict = {
    "code": "OFFICE",
    "name": "Office hours",
    "hours": [
        {"weekday": 1, "opens": "08:30", "closes": "12:00"},
        {"weekday": 1, "opens": "13:00", "closes": "17:30"},
    ],
    "closures": [{"day": "2026-05-01", "name": "Labour Day"}],
}


class OpenHours(BaseModel):
    """An interval of a weekday, 1 for Monday, in local time; work through the night is two of them."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"weekday": 1, "opens": "08:30", "closes": "17:30"}]},
    )

    weekday: Annotated[int, Field(ge=1, le=7)]
    opens: ClockTime
    closes: ClockTime

    @model_validator(mode="after")
    def _opens_first(self) -> Self:
        # both have two digits each, so that they sort as texts
        if self.opens >= self.closes:
            raise ValueError(
                _("{opens} is not before {closes}; give the hours after midnight to the next day").format(
                    opens=self.opens, closes=self.closes
                )
            )
        return self


class Closure(BaseModel):
    """A day on which it is closed."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"day": "2026-05-01", "name": "Labour Day"}]}
    )

    day: Day
    name: Text


class NewCalendar(BaseModel):
    """A calendar to add: weekly opening hours in local time, and the days on which it is closed."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [_CALENDAR]})

    code: Code
    name: Text
    hours: list[OpenHours] = Field(min_length=1, max_length=INTERVALS_MAX)
    closures: list[Closure] = Field(default=[], max_length=CLOSURES_MAX)

    @model_validator(mode="after")
    def _nothing_stands_twice(self) -> Self:
        for one, other in pairwise(sorted(self.hours, key=lambda hours: (hours.weekday, hours.opens))):
            if one.weekday == other.weekday and other.opens < one.closes:
                raise ValueError(
                    _("the hours from {one} and from {other} of weekday {weekday} overlap; make them one").format(
                        one=one.opens, other=other.opens, weekday=one.weekday
                    )
                )
        days: set[date] = set()
        for closure in self.closures:
            if closure.day in days:
                raise ValueError(_("{day} is closed twice; leave one out").format(day=closure.day))
            days.add(closure.day)
        return self


class CalendarOut(BaseModel):
    """A calendar: weekly opening hours in local time, and the days on which it is closed."""

    model_config = ConfigDict(json_schema_extra={"examples": [_CALENDAR]})

    code: str
    name: str
    hours: list[OpenHours]
    closures: list[Closure]


class Sources(BaseModel):
    """The places that a place is replenished from, the first choice first; none for its parent."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"sources": ["VTE", "XIY"]}]}
    )

    sources: list[Code] = Field(max_length=SOURCES_MAX)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        for code in self.sources:
            if self.sources.count(code) > 1:
                raise ValueError(_("{place} stands twice among the sources; leave one out").format(place=code))
        return self


class SourcesOut(BaseModel):
    """The places that a place is replenished from; `default` where it is the parent because nothing else is said."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"place": "PKZ", "sources": ["VTE", "XIY"], "default": False, "version": 2}]}
    )

    place: str
    sources: list[str]
    default: bool
    version: int
