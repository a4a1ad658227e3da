"""A batch from the field: each event is read on its own, so that one which cannot be read holds up no other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import TypeAdapter, ValidationError, ValidatorFunctionWrapHandler, WrapValidator
from sqlalchemy.orm import Session

from fieldops.dispatch.execution.schemas import EventOutcome, NewEvent, Standing
from fieldops.dispatch.execution.service import record_events
from fieldops.locale.validation import told
from inventory.kernel.actor import Actor
from inventory.kernel.texts import gettext as _

UNREADABLE = "unreadable"
_KEY: TypeAdapter[UUID] = TypeAdapter(UUID)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What a sender told as an event and is none, with what is wrong with it."""

    id: UUID | None
    job: str
    detail: str

    @property
    def outcome(self) -> EventOutcome:
        """Return what its sender is told."""
        return EventOutcome(id=self.id, job=self.job, standing=Standing.REFUSED, reason=UNREADABLE, detail=self.detail)


def _each(value: Any, read: ValidatorFunctionWrapHandler) -> Any:
    try:
        return read(value)
    except ValidationError as wrong:
        return _unreadable(value if isinstance(value, dict) else {}, wrong)


ReadEvent = Annotated[NewEvent, WrapValidator(_each)]
"""An event, or an `Unreadable` in its place."""


def _unreadable(value: dict[str, Any], wrong: ValidationError) -> Unreadable:
    errors = wrong.errors(include_url=False)
    parts = [": ".join([*[".".join(str(part) for part in one["loc"])] * bool(one["loc"]), told(one)]) for one in errors]
    job = value.get("job")
    return Unreadable(
        _key(value.get("id")),
        job[:48] if isinstance(job, str) else "",
        _("The event cannot be read: {errors}. Correct it, and send it again").format(errors="; ".join(parts)),
    )


def _key(value: Any) -> UUID | None:
    try:
        return _KEY.validate_python(value)
    except ValidationError:
        return None


def _photo_apart(one: NewEvent) -> NewEvent | Unreadable:
    if one.answer is None or one.answer.photo is None:
        return one
    return Unreadable(one.id, one.job, _("A photo answers its step when it is sent; send it to the photos of the job"))


def record_batch(
    session: Session, actor: Actor, batch: Sequence[NewEvent | Unreadable], now: datetime
) -> list[EventOutcome]:
    """Take the events of a batch in that can be read, and return what became of each, in the order of the batch.

    A photo answers its step by itself when it comes in, so that no answer names a photo that is not there.
    """
    batch = [_photo_apart(one) if isinstance(one, NewEvent) else one for one in batch]
    read = [one for one in batch if isinstance(one, NewEvent)]
    outcomes = iter(record_events(session, actor, read, now) if read else ())
    return [next(outcomes) if isinstance(one, NewEvent) else one.outcome for one in batch]
