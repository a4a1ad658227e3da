"""What answers a step, and which of them are still open. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from inventory.kernel.texts import language


class StepKind(StrEnum):
    """How a step is answered."""

    TICK = "tick"
    MEASURE = "measure"
    TEXT = "text"
    PHOTO = "photo"


TELLS = {StepKind.TICK: "done", StepKind.MEASURE: "value", StepKind.TEXT: "text", StepKind.PHOTO: "photo"}
"""Under which name an answer tells what answers a step of each kind."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the work on a job; `number` counts from 1. A measured value lies from `lowest` to `highest`."""

    number: int
    name: str
    kind: StepKind
    mandatory: bool = True
    name_zh: str | None = None
    unit: str | None = None
    lowest: Decimal | None = None
    highest: Decimal | None = None

    @property
    def called(self) -> str:
        """What the step is called, in the language in force."""
        return self.name_zh if self.name_zh and language() == "zh_CN" else self.name

    def fits(self, answer: Mapping[str, Any]) -> bool:
        """Tell whether this is an answer to a step of this kind; that something is not done answers every kind."""
        return answer.get("done") is False or answer.get(TELLS[self.kind]) is not None

    def settled_by(self, answer: Mapping[str, Any]) -> bool:
        """Tell whether an answer leaves nothing to do: it is done, and a measured value is within its limits.

        >>> torque = Step(1, "Torque", StepKind.MEASURE, lowest=Decimal(20), highest=Decimal(30))
        >>> [torque.settled_by({"value": value}) for value in ("19.9", "20", "30.0", "31")]
        [False, True, True, False]
        """
        if answer.get("done") is False or not self.fits(answer):
            return False
        if self.kind is not StepKind.MEASURE:
            return True
        value = Decimal(answer["value"])
        return (self.lowest is None or self.lowest <= value) and (self.highest is None or value <= self.highest)

    def kept(self) -> dict[str, Any]:
        """Return the step as a job keeps it."""
        told = {name: value for name, value in asdict(self).items() if value is not None}
        return {name: str(value) if isinstance(value, Decimal) else value for name, value in told.items()}


def step_of(kept: Mapping[str, Any]) -> Step:
    """Return a step from what a job keeps of it."""
    limits = {name: Decimal(kept[name]) for name in ("lowest", "highest") if name in kept}
    return Step(**{**kept, "kind": StepKind(kept["kind"]), **limits})


def numbered(steps: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the steps of lists as a job keeps them, counted through."""
    return [step_of({**one, "number": number}).kept() for number, one in enumerate(steps, 1)]


def still_open(steps: Sequence[Step], answers: Mapping[int, Mapping[str, Any]]) -> tuple[Step, ...]:
    """Return the mandatory steps that their last answers, {number: answer}, do not settle."""
    return tuple(
        one for one in steps if one.mandatory and (one.number not in answers or not one.settled_by(answers[one.number]))
    )


def fits_one(steps: Sequence[Step], answer: Mapping[str, Any]) -> bool:
    """Tell whether this is an answer to one of the steps, the one that it names."""
    return any(one.number == answer.get("step") and one.fits(answer) for one in steps)
