"""Whether a unit may go into an aircraft: pure functions over its papers and the rules that hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from inventory.catalogue.models import PartClass, UsageDriver
from inventory.catalogue.rules import Aircraft
from inventory.kernel.texts import gettext as _
from inventory.traceability.acceptance import Acceptance, Paper, paper_failures
from inventory.traceability.condition import USABLE, Condition
from inventory.traceability.kinds import PartGroup
from inventory.traceability.lives import Limit, Period, life_failures, remaining_life
from inventory.traceability.verdicts import Failure, Remaining, Verdict

GROUPS = {
    PartClass.STANDARD_PART: PartGroup.STANDARD_PART,
    PartClass.MATERIAL: PartGroup.MATERIAL,
    PartClass.TOOL: PartGroup.TOOL,
}
"""The group of a part by its class; any other class is a component, an expendable one too."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A piece, or stock of one lot, in one condition, with all that is known of it; `watched` are reasons against it.

    `number` None is stock without a number, `tracked` that its part should have one, `ages` that the part has a shelf
    life. `read` is the use since new by the last reading of each driver.
    """

    part: str
    group: PartGroup
    condition: Condition
    number: str | None = None
    tracked: bool = False
    made_on: date | None = None
    expires_on: date | None = None
    ages: bool = False
    papers: Sequence[Paper] = ()
    limits: Sequence[Limit] = ()
    periods: Sequence[Period] = ()
    read: Mapping[UsageDriver, Decimal] = field(default_factory=dict)
    watched: Sequence[str] = ()


def judge(unit: Unit, aircraft: Aircraft | None, rules: Sequence[Acceptance], on: date) -> Verdict:
    """Judge a unit for an aircraft on a day; without an aircraft, by what holds for all of them."""
    remaining = remaining_life(unit.limits, unit.made_on, unit.read, on)
    failures = _for_any(unit, on)
    if unit.limits:
        failures += _life(unit, remaining, on)
    if aircraft is not None:
        failures += _for_aircraft(unit, aircraft, rules, on)
    return Verdict(tuple(failures), remaining)


def _for_any(unit: Unit, on: date) -> list[Failure]:
    found = [
        Failure(
            "on_watch_list",
            "watch list",
            _("It meets the watch list ({reason}); quarantine it and report it").format(reason=reason),
        )
        for reason in unit.watched
    ]
    if unit.ages and unit.expires_on is None:
        text = _("Part {part} has a shelf life, and it is not known when this expires; enter the day from its papers")
        found.append(Failure("age_unknown", "shelf life", text.format(part=unit.part)))
    if unit.expires_on is not None and unit.expires_on < on:
        text = _("It expired on {day}; issue another one, and quarantine this").format(day=unit.expires_on)
        found.append(Failure("lot_expired", "shelf life", text))
    return found


def _life(unit: Unit, remaining: Sequence[Remaining], on: date) -> list[Failure]:
    if unit.number is None:
        text = _("It is life-limited and has no serial number; find its number and papers, or scrap it")
        return [Failure("number_missing", "back to birth", text)]
    if unit.made_on is None:
        text = _("The day on which it was made is not known; enter it from the maker's papers")
        return [Failure("birth_unknown", "back to birth", text)]
    return life_failures(remaining, unit.made_on, unit.periods, unit.read, on)


def _for_aircraft(unit: Unit, aircraft: Aircraft, rules: Sequence[Acceptance], on: date) -> list[Failure]:
    if unit.condition not in USABLE:
        text = _("Its condition is {condition}; a part may be fitted in a usable condition only").format(
            condition=unit.condition
        )
        return [Failure("condition_not_usable", "condition", text)]
    if aircraft.registry_authority is None:
        text = _("The authority of the aircraft's registry is not known; name it")
        return [Failure("registry_unknown", "registry", text)]
    if unit.number is None and unit.limits:
        return []  # told by its life already
    if unit.number is None and unit.tracked:
        text = _("Part {part} is tracked by number, and this stock has none; number it first").format(part=unit.part)
        return [Failure("number_missing", "tracking", text)]
    found = paper_failures(unit.papers, unit.condition, unit.group, aircraft.registry_authority, rules, on)
    if unit.number is None:
        text = _("Part {part} needs papers, and is tracked by no number that they could name; have its lots tracked")
        return [Failure("number_missing", one.rule, text.format(part=unit.part)) for one in found]
    return found
