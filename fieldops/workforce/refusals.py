"""Why somebody may not take a seat: a stable code, its numbers, and a sentence in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from fieldops.workforce.rest import RestFault
from inventory.kernel.texts import gettext as _

Value = str | int | datetime


class Thing(StrEnum):
    """What can be missing, not yet valid or expired: the first word of a code such as `licence_expired`."""

    QUALIFICATION = "qualification"
    LICENCE = "licence"
    VALIDATION = "validation"
    TYPE_RATING = "type_rating"
    AUTHORISATION = "authorisation"
    TRAINING = "training"
    AIRSIDE_PASS = "airside_pass"  # noqa: S105 - no password
    WORK_PERMIT = "work_permit"
    VISA = "visa"
    MEDICAL = "medical"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A rule that stands against somebody in a seat; `hard` False warns only."""

    code: str
    values: Mapping[str, Value] = field(default_factory=dict)
    hard: bool = True

    @classmethod
    def of_rest(cls, fault: RestFault) -> Refusal:
        """Return the refusal that a limit of work or rest would be passed."""
        values: dict[str, Value] = {"at": fault.at, "rule": fault.rule}
        return cls(fault.code, values | {"found": _hours(fault.found), "limit": _hours(fault.limit)})

    @property
    def text(self) -> str:
        """One sentence that says what is missing, until when, and by how much."""
        told = {name: _shown(value) for name, value in self.values.items()}
        sentence = _sentences().get(self.code)
        if sentence is not None:
            return sentence.format_map(told)
        for state, pattern in _states().items():
            if self.code.endswith(state):
                thing = _things()[Thing(self.code.removesuffix(state))].format_map(told)
                return pattern.format_map(told | {"thing": thing})
        return self.code


def _hours(span: timedelta) -> str:
    return f"{span / timedelta(hours=1):.1f}"


def _shown(value: Value) -> str:
    return f"{value:%Y-%m-%d %H:%MZ}" if isinstance(value, datetime) else str(value)


def _states() -> dict[str, str]:
    return {
        "_missing": _("{thing}: does not hold it"),
        "_not_yet_valid": _("{thing}: valid only from {since}, {days} days too late"),
        "_expired": _("{thing}: valid until {until}, needed until {needed}; {days} days short"),
    }


def _things() -> dict[Thing, str]:
    return {
        Thing.QUALIFICATION: _("qualification {name}"),
        Thing.LICENCE: _("licence by {name}"),
        Thing.VALIDATION: _("validation by {name}"),
        Thing.TYPE_RATING: _("type rating {name}"),
        Thing.AUTHORISATION: _("company authorisation for {name}"),
        Thing.TRAINING: _("training {name}"),
        Thing.AIRSIDE_PASS: _("airside pass of {name}"),
        Thing.WORK_PERMIT: _("work permit of {name}"),
        Thing.VISA: _("visa of {name}"),
        Thing.MEDICAL: _("medical certificate for {name}"),
    }


def _sentences() -> dict[str, str]:
    return {
        "advisory_never_signs": _("is on the job to advise, and who advises never signs"),
        "own_inspection": _("works on job {job}; nobody inspects own work"),
        "trainee_alone": _("nobody who may supervise has a seat on job {job}; a trainee is never alone"),
        "both_systems": _(
            "does the critical task {task} on {other} in the same visit; somebody else must do it on {system}"
        ),
        "other_region": _("belongs to region {home}, which has not lent the person to {region} for that time"),
        "security_level": _("has security level {has}, and {needs} is needed"),
        "aircraft_unknown": _("nobody signs for job {job}: its aircraft is not in the fleet; enter the aircraft first"),
        "no_release_rule": _("no rule says who may sign as {seat} under {authority}; add one"),
        "organisation_approval": _(
            "the organisation holds no approval of {authority} for {level} maintenance of {type} for that time"
        ),
        "wrong_registry": _("is licensed by {held}; {authority} accepts {standards}, or its own validation"),
        "licence_category": _("is licensed in category {held}, and {categories} is needed"),
        "authorisation_scope": _("the company authorisation covers {covered}, not {scope}"),
        "recency": _("has {days} days of experience on {type} in the last {months} months, and needs {needed}"),
        "absent": _("is away ({kind}) from {since} until {until}"),
        "overlap": _("is on job {job} at the same time, for {minutes} minutes"),
        "off_duty": _("is not on duty from {since} until {until}"),
        "duty_too_long": _("the duty from {at} would last {found} h; {rule} allows {limit} h"),
        "rest_too_short": _("{found} h of rest would be left before the duty from {at}; {rule} asks for {limit} h"),
        "night_rest_too_short": _(
            "{found} h of rest would be left after night duty before {at}; {rule} asks for {limit} h"
        ),
        "no_weekly_rest": _("{found} h from {at} would pass without a weekly rest; {rule} allows {limit} h"),
        "too_much_overtime": _("{found} h of overtime in the month from {at}; {rule} allows {limit} h"),
    }


def rule_name(code: str, name: str) -> str:
    """Return a rule in a few words; a code without words of its own is shown as it is."""
    short = {
        "_missing": _("no {thing}"),
        "_not_yet_valid": _("{thing} not valid yet"),
        "_expired": _("{thing} not valid long enough"),
    }
    for state, pattern in short.items():
        if code.endswith(state):
            return pattern.format(thing=_things()[Thing(code.removesuffix(state))].format(name=name))
    return _short().get(code, code)


def _short() -> dict[str, str]:
    return {
        "advisory_never_signs": _("advises only"),
        "other_region": _("not lent to the region"),
        "security_level": _("security level too low"),
        "no_release_rule": _("no rule of the registry"),
        "organisation_approval": _("no approval of the organisation"),
        "wrong_registry": _("licence of another registry"),
        "licence_category": _("licence of another category"),
        "authorisation_scope": _("authorisation for something else"),
        "recency": _("too little recent experience"),
        "trainee_alone": _("trainee without supervision"),
    }
