"""The audit trail as it goes out."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from inventory.kernel.texts import gettext as _

_ROW: dict[str, Any] = {
    "id": 4711,
    "at": "2026-03-02T09:15:00Z",
    "actor": "01900000-0000-7000-8000-000000000007",
    "origin": "192.0.2.10 fieldops-client/1.0",
    "request_id": "01900000-0000-7000-8000-0000000000aa",
    "action": "changed",
    "subject": "job",
    "subject_key": "01900000-0000-7000-8000-000000000042",
    "audience": "SEA",
    "before": {"priority": "ROUTINE"},
    "after": {"priority": "AOG"},
}
_HEAD: dict[str, Any] = {"position": 4700, "hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}


class AuditRowOut(BaseModel):
    """One change of one record, or one action that changed none: who, what, when, from where, before and after."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [_ROW]})

    id: int
    at: AwareDatetime
    actor: str
    origin: str
    request_id: str | None
    action: str
    subject: str
    subject_key: str
    audience: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class ExportedRow(AuditRowOut):
    """An audit row with its link in the chain: none where it is not sealed yet, or the reader may not see it."""

    position: int | None
    hash: str | None
    sealed_at: AwareDatetime | None


class Head(BaseModel):
    """The last link of the chain at some instant. Kept elsewhere, it shows later that nothing was cut off."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [_HEAD]})

    position: Annotated[int, Field(ge=1)]
    hash: Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]


class LastLine(BaseModel):
    """The last line of an export; a file without it is not whole."""

    head: Head | None
    rows: int


class Fault(StrEnum):
    """What can be wrong with the chain."""

    ROW_CHANGED = "row_changed"
    ROW_MISSING = "row_missing"
    WRONG_POSITION = "wrong_position"
    TRUNCATED = "truncated"
    OTHER_HEAD = "other_head"


class Finding(BaseModel):
    """One fault of the chain, at a position; `audit_id` names the row, where there is one."""

    model_config = ConfigDict(frozen=True)

    fault: Fault
    position: int
    audit_id: int | None = None

    def as_text(self) -> str:
        """Return the finding for a person."""
        told = {
            Fault.ROW_CHANGED: _(
                "link {position}: audit row {audit_id}, its seal or its place in the chain was changed"
            ),
            Fault.ROW_MISSING: _("link {position}: audit row {audit_id} was deleted"),
            Fault.WRONG_POSITION: _("link {position}: the links before it are not whole"),
            Fault.TRUNCATED: _("link {position}: the chain was cut off before it"),
            Fault.OTHER_HEAD: _("link {position}: the exported head has another hash"),
        }
        return told[self.fault].format(position=self.position, audit_id=self.audit_id)


class Verdict(BaseModel):
    """What the verification of the chain found; `oldest_unsealed_at` tells how far sealing lags behind.

    `sealed_late` rows were sealed more than ten minutes after they claim to be written. That breaks no link: no worker
    was running, or somebody added them.
    """

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "sealed": 4700,
                    "sealed_late": 0,
                    "unsealed": 11,
                    "oldest_unsealed_at": "2026-03-02T09:14:30Z",
                    "head": _HEAD,
                    "findings": [],
                    "sound": True,
                }
            ]
        },
    )

    sound: bool
    sealed: int
    sealed_late: int
    unsealed: int
    oldest_unsealed_at: AwareDatetime | None
    head: Head | None
    findings: tuple[Finding, ...]

    def as_text(self) -> str:
        """Return the verdict for a person, the first faults named."""
        lines = [
            _("The audit chain is whole: {sealed} rows sealed.") if self.sound else _("The audit chain is broken:")
        ]
        lines += [finding.as_text() for finding in self.findings[:10]]
        if len(self.findings) > 10:
            lines.append(_("and {count} more; --json shows all").format(count=len(self.findings) - 10))
        if self.sealed_late:
            lines.append(_("{late} rows were sealed more than ten minutes after they claim to be written"))
        if self.unsealed:
            lines.append(_("{unsealed} rows are not sealed yet, the oldest of {oldest}"))
        oldest = "" if self.oldest_unsealed_at is None else self.oldest_unsealed_at.isoformat(timespec="seconds")
        values = {"sealed": self.sealed, "late": self.sealed_late, "unsealed": self.unsealed, "oldest": oldest}
        return "\n".join(line.format(**values) for line in lines)
