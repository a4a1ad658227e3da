"""Which papers make a part fit for aircraft under an authority: pure functions over documents and rules."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from inventory.kernel.texts import gettext as _
from inventory.traceability.condition import Condition
from inventory.traceability.kinds import Form, PartGroup, Usage, WorkStatus
from inventory.traceability.verdicts import Failure

_CERTIFIED = {
    Condition.NEW: WorkStatus.NEW,
    Condition.NEW_SURPLUS: WorkStatus.NEW,
    Condition.OVERHAULED: WorkStatus.OVERHAULED,
    Condition.REPAIRED: WorkStatus.REPAIRED,
    Condition.INSPECTED: WorkStatus.INSPECTED,
    Condition.MODIFIED: WorkStatus.MODIFIED,
}
"""What a document must say was done, so that it certifies a condition; “serviceable” is certified by any."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A release or conformity document, as `inventory.traceability.models` keeps it."""

    form: Form
    tracking_number: str
    dated: date
    status: WorkStatus
    authority: str
    releases_under: frozenset[str] = frozenset()
    batch: str | None = None
    remarks: str = ""

    @property
    def authorities(self) -> frozenset[str]:
        """Every authority that it releases under."""
        return self.releases_under | {self.authority}


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A rule for the papers of a part, as `inventory.traceability.models` keeps it."""

    code: str
    authority: str
    group: PartGroup
    usage: Usage
    forms: frozenset[Form]
    dual_forms: frozenset[Form] = frozenset()
    batch_trace: bool = False
    excluded_remarks: frozenset[str] = frozenset()
    starts_on: date | None = None
    ends_on: date | None = None

    def holds(self, on: date) -> bool:
        """Tell whether it is in force on a day."""
        return (self.starts_on is None or self.starts_on <= on) and (self.ends_on is None or on <= self.ends_on)


def paper_failures(
    papers: Sequence[Paper],
    condition: Condition,
    group: PartGroup,
    authority: str,
    rules: Sequence[Acceptance],
    on: date,
) -> list[Failure]:
    """Return which rules of an authority the papers of a part in a usable condition do not meet on a day.

    “Serviceable” says neither new nor used: the papers of one of both must do, and what is missing is told for used.
    """
    certified = _CERTIFIED.get(condition)
    usages = (Usage.USED, Usage.NEW) if certified is None else (_usage(certified),)
    found = [_of_usage(papers, condition, usage, (authority, group), rules, on) for usage in usages]
    return found[0] if all(found) else []


def _usage(status: WorkStatus) -> Usage:
    return Usage.NEW if status is WorkStatus.NEW else Usage.USED


def _of_usage(
    papers: Sequence[Paper],
    condition: Condition,
    usage: Usage,
    kind: tuple[str, PartGroup],
    rules: Sequence[Acceptance],
    on: date,
) -> list[Failure]:
    wanted = [one for one in rules if (one.authority, one.group, one.usage) == (*kind, usage) and one.holds(on)]
    if not wanted:
        authority, group = kind
        text = _("No rule says which papers a part needs here ({authority}, {group}, {usage}); add the rule").format(
            authority=authority, group=group, usage=usage
        )
        return [Failure("no_rule", f"{authority} {group} {usage}", text)]
    certified = _CERTIFIED.get(condition)
    fitting = [
        one
        for one in papers
        if _usage(one.status) is usage and one.dated <= on and (certified is None or one.status is certified)
    ]
    return [failure for rule in wanted if (failure := _unmet(rule, fitting, bool(papers), condition))]


def _unmet(rule: Acceptance, papers: Collection[Paper], any_paper: bool, condition: Condition) -> Failure | None:
    """Return why none of the papers meets a rule, by the one that comes nearest; None where one does."""
    if not rule.forms and not rule.dual_forms:
        return None
    if not papers:
        code = "work_differs" if any_paper else "document_missing"
        text = _("No document says that it is {condition}, of these forms: {forms}; attach it").format(
            condition=condition, forms=", ".join(sorted(rule.forms | rule.dual_forms))
        )
        return Failure(code, rule.code, text)
    reasons = [_against(rule, paper) for paper in papers]
    if None in reasons:
        return None
    _rank, code, text = max(reason for reason in reasons if reason is not None)
    return Failure(code, rule.code, text)


def _against(rule: Acceptance, paper: Paper) -> tuple[int, str, str] | None:
    """Return how far a paper comes under a rule, the code of what fails, and its text; None where nothing does."""
    told = {"number": paper.tracking_number, "authority": rule.authority}
    if paper.form not in rule.forms | rule.dual_forms:
        text = _("{number} is of a form that is not accepted ({form}); get one of these: {forms}").format(
            form=paper.form, forms=", ".join(sorted(rule.forms | rule.dual_forms)), **told
        )
        return (0, "form_not_accepted", text)
    if paper.form not in rule.forms and rule.authority not in paper.authorities:
        text = _("{number} does not release under {authority}; get a dual release").format(**told)
        return (1, "dual_release_missing", text)
    remarks = paper.remarks.casefold()
    for excluded in sorted(rule.excluded_remarks):
        if excluded.casefold() in remarks:
            text = _("{number} says “{remark}”; such a part is not accepted").format(remark=excluded, **told)
            return (2, "remark_excluded", text)
    if rule.batch_trace and not paper.batch:
        text = _("{number} names no batch; get the document that leads to the maker's batch").format(**told)
        return (3, "batch_trace_missing", text)
    return None
