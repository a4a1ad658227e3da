"""Which papers make a part fit for which registry: the delivered rules, case by case, and what holds for any rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.catalogue.rules import Aircraft
from inventory.traceability.acceptance import Acceptance, Paper
from inventory.traceability.condition import USABLE, Condition
from inventory.traceability.kinds import Form, PartGroup, Usage, WorkStatus
from inventory.traceability.rules import Unit, judge
from tests.inventory.traceability.delivered import DEFAULT_RULES, UNCHECKED

ON = date(2026, 3, 1)
DELIVERED = [
    Acceptance(
        one.code,
        one.authority,
        one.part_group,
        one.usage,
        frozenset(one.forms),
        frozenset(one.dual_forms),
        one.batch_trace,
        frozenset(one.excluded_remarks),
    )
    for one in DEFAULT_RULES
]
NEW, OVERHAULED, REPAIRED = WorkStatus.NEW, WorkStatus.OVERHAULED, WorkStatus.REPAIRED
CAAC, EASA, FAA, TCCA, UK = "CAAC", "EASA", "FAA", "TCCA", "UK"
COMPONENT, STANDARD, MATERIAL, TOOL = PartGroup


def paper(form: Form, status: WorkStatus, *under: str, batch: str | None = None, remarks: str = "") -> Paper:
    """A document of 2026-02-01 that releases under authorities."""
    return Paper(form, "D-1", date(2026, 2, 1), status, "its own", frozenset(under), batch, remarks)


AAC, FORM_1, UK_1, TCCA_1, F8130 = (
    Form.CAAC_AAC_038,
    Form.EASA_FORM_1,
    Form.UK_FORM_1,
    Form.TCCA_FORM_ONE,
    Form.FAA_8130_3,
)
CASES = [
    # registry, group, condition, paper, code of the failure (None: accepted)
    (CAAC, COMPONENT, Condition.NEW, paper(AAC, NEW), None),
    (CAAC, COMPONENT, Condition.NEW, paper(F8130, NEW), None),
    (CAAC, COMPONENT, Condition.NEW, paper(Form.CONFORMITY, NEW, batch="B1"), "form_not_accepted"),
    (CAAC, COMPONENT, Condition.OVERHAULED, paper(AAC, OVERHAULED), None),
    (CAAC, COMPONENT, Condition.OVERHAULED, paper(FORM_1, OVERHAULED), "dual_release_missing"),
    (CAAC, COMPONENT, Condition.OVERHAULED, paper(FORM_1, OVERHAULED, CAAC), None),
    (CAAC, COMPONENT, Condition.REPAIRED, None, "document_missing"),
    (CAAC, STANDARD, Condition.NEW, paper(Form.CONFORMITY, NEW, batch="B1"), None),
    (CAAC, MATERIAL, Condition.NEW, paper(Form.CONFORMITY, NEW), "batch_trace_missing"),
    (EASA, COMPONENT, Condition.NEW, paper(FORM_1, NEW), None),
    (EASA, COMPONENT, Condition.NEW_SURPLUS, paper(UK_1, NEW), None),
    (EASA, COMPONENT, Condition.NEW, paper(AAC, NEW), "form_not_accepted"),
    (EASA, COMPONENT, Condition.NEW, paper(FORM_1, NEW, remarks="PROTOTYPE, for test only"), "remark_excluded"),
    (EASA, COMPONENT, Condition.OVERHAULED, paper(FORM_1, NEW), "work_differs"),
    (EASA, COMPONENT, Condition.OVERHAULED, paper(FORM_1, REPAIRED), "work_differs"),
    (EASA, COMPONENT, Condition.REPAIRED, paper(F8130, REPAIRED), "dual_release_missing"),
    (EASA, COMPONENT, Condition.REPAIRED, paper(F8130, REPAIRED, EASA), None),
    (EASA, COMPONENT, Condition.REPAIRED, paper(UK_1, REPAIRED, EASA), "form_not_accepted"),
    (EASA, COMPONENT, Condition.SERVICEABLE, paper(FORM_1, WorkStatus.INSPECTED), None),
    (EASA, COMPONENT, Condition.SERVICEABLE, paper(F8130, NEW), None),
    (EASA, COMPONENT, Condition.SERVICEABLE, paper(F8130, OVERHAULED), "dual_release_missing"),
    (EASA, STANDARD, Condition.NEW, paper(Form.CONFORMITY, NEW, batch="B1"), None),
    (EASA, STANDARD, Condition.NEW, paper(FORM_1, NEW), "form_not_accepted"),
    (EASA, STANDARD, Condition.NEW, paper(Form.CONFORMITY, NEW), "batch_trace_missing"),
    (EASA, STANDARD, Condition.REPAIRED, paper(Form.CONFORMITY, REPAIRED, batch="B1"), "no_rule"),
    (EASA, MATERIAL, Condition.NEW, paper(Form.CONFORMITY, NEW, batch="B1"), None),
    (EASA, TOOL, Condition.REPAIRED, None, None),
    (EASA, COMPONENT, Condition.UNSERVICEABLE, paper(FORM_1, NEW), "condition_not_usable"),
    (FAA, COMPONENT, Condition.NEW, paper(F8130, NEW), None),
    (FAA, COMPONENT, Condition.NEW, paper(Form.OTHER, NEW), "form_not_accepted"),
    (FAA, COMPONENT, Condition.OVERHAULED, paper(F8130, OVERHAULED), None),
    (FAA, COMPONENT, Condition.OVERHAULED, paper(TCCA_1, OVERHAULED), None),
    (FAA, COMPONENT, Condition.OVERHAULED, paper(FORM_1, OVERHAULED), "dual_release_missing"),
    (FAA, COMPONENT, Condition.OVERHAULED, paper(FORM_1, OVERHAULED, FAA), None),
    (FAA, COMPONENT, Condition.MODIFIED, paper(AAC, WorkStatus.MODIFIED, FAA), "form_not_accepted"),
    (FAA, MATERIAL, Condition.NEW, paper(F8130, NEW, batch="B1"), "form_not_accepted"),
    (UK, COMPONENT, Condition.NEW, paper(UK_1, NEW), None),
    (UK, COMPONENT, Condition.NEW, paper(FORM_1, NEW), None),
    (UK, COMPONENT, Condition.INSPECTED, paper(FORM_1, WorkStatus.INSPECTED), "dual_release_missing"),
    (UK, COMPONENT, Condition.INSPECTED, paper(UK_1, WorkStatus.INSPECTED), None),
    (UK, STANDARD, Condition.SERVICEABLE, paper(Form.CONFORMITY, NEW, batch="B1"), None),
    (TCCA, COMPONENT, Condition.NEW, paper(TCCA_1, NEW), None),
    (TCCA, COMPONENT, Condition.NEW, paper(AAC, NEW), "form_not_accepted"),
    (TCCA, COMPONENT, Condition.REPAIRED, paper(F8130, REPAIRED), "dual_release_missing"),
    (TCCA, COMPONENT, Condition.REPAIRED, paper(F8130, REPAIRED, TCCA), None),
    (TCCA, TOOL, Condition.NEW, None, None),
    ("ANAC", COMPONENT, Condition.NEW, paper(FORM_1, NEW), "no_rule"),
    (None, COMPONENT, Condition.NEW, paper(FORM_1, NEW), "registry_unknown"),
]


@pytest.mark.parametrize(("registry", "group", "condition", "document", "code"), CASES)
def test_delivered_rules_give_the_expected_verdict(
    registry: str | None, group: PartGroup, condition: Condition, document: Paper | None, code: str | None
) -> None:
    unit = Unit("P", group, condition, number="S1", papers=[] if document is None else [document])
    verdict = judge(unit, Aircraft("TP60", registry_authority=registry), DELIVERED, ON)
    assert [one.code for one in verdict.failures] == ([] if code is None else [code])
    if code in {"form_not_accepted", "dual_release_missing", "remark_excluded", "batch_trace_missing"}:
        usage = "NEW" if condition in (Condition.NEW, Condition.NEW_SURPLUS) else "USED"
        assert verdict.failures[0].rule == f"{registry}-{group}-{usage}".replace("_", "-").upper()


def test_delivered_rules_say_that_they_must_be_checked() -> None:
    assert {one.edition for one in DEFAULT_RULES} == {UNCHECKED}
    assert len({one.code for one in DEFAULT_RULES}) == len(DEFAULT_RULES)


def test_without_an_aircraft_papers_are_not_judged() -> None:
    assert judge(Unit("P", COMPONENT, Condition.AS_REMOVED, number="S1"), None, DELIVERED, ON).acceptable


def test_stock_without_a_number_is_judged_by_its_condition_unless_it_should_have_one() -> None:
    aircraft = Aircraft("TP60", registry_authority=EASA)
    tool = Unit("P", PartGroup.TOOL, Condition.SERVICEABLE)
    assert judge(tool, aircraft, DELIVERED, ON).acceptable
    assert judge(replace(tool, group=COMPONENT), None, DELIVERED, ON).acceptable
    for group, rule in ((COMPONENT, "EASA-COMPONENT-USED"), (PartGroup.STANDARD_PART, "EASA-STANDARD-PART-NEW")):
        unit = Unit("P", group, Condition.NEW if group is not COMPONENT else Condition.SERVICEABLE)
        (failure,) = judge(unit, aircraft, DELIVERED, ON).failures
        assert (failure.code, failure.rule) == ("number_missing", rule)
    (failure,) = judge(replace(tool, tracked=True), aircraft, DELIVERED, ON).failures
    assert failure.code == "number_missing"


@pytest.mark.parametrize("aircraft", [None, Aircraft("TP60", registry_authority=EASA)])
def test_what_has_a_shelf_life_and_no_known_age_is_not_issued(aircraft: Aircraft | None) -> None:
    unit = Unit("P", COMPONENT, Condition.NEW, number="S1", papers=[paper(FORM_1, NEW)], ages=True)
    (failure,) = judge(unit, aircraft, DELIVERED, ON).failures
    assert failure.code == "age_unknown"
    assert judge(replace(unit, expires_on=ON), aircraft, DELIVERED, ON).acceptable


def test_a_document_of_a_later_day_is_none_yet() -> None:
    unit = Unit("P", COMPONENT, Condition.NEW, number="S1", papers=[paper(FORM_1, NEW)])
    aircraft = Aircraft("TP60", registry_authority=EASA)
    assert judge(unit, aircraft, DELIVERED, date(2026, 2, 1)).acceptable
    assert not judge(unit, aircraft, DELIVERED, date(2026, 1, 31)).acceptable


def test_every_rule_in_force_must_be_met_and_each_that_is_not_names_itself() -> None:
    strict = Acceptance("OWN-1", EASA, COMPONENT, Usage.NEW, frozenset({FORM_1}), ends_on=date(2026, 3, 1))
    unit = Unit("P", COMPONENT, Condition.NEW, number="S1", papers=[paper(F8130, NEW)])
    aircraft = Aircraft("TP60", registry_authority=EASA)
    assert [one.rule for one in judge(unit, aircraft, [*DELIVERED, strict], ON).failures] == ["OWN-1"]
    assert judge(unit, aircraft, [*DELIVERED, strict], date(2026, 3, 2)).acceptable


PAPERS = st.builds(
    Paper,
    form=st.sampled_from(Form),
    tracking_number=st.just("D-1"),
    dated=st.dates(date(2026, 2, 1), date(2026, 3, 31)),
    status=st.sampled_from(WorkStatus),
    authority=st.sampled_from([CAAC, EASA, FAA]),
    releases_under=st.frozensets(st.sampled_from([CAAC, EASA, FAA])),
    batch=st.sampled_from([None, "B1"]),
    remarks=st.sampled_from(["", "prototype"]),
)
RULES = st.builds(
    Acceptance,
    code=st.sampled_from(["R1", "R2"]),
    authority=st.sampled_from([EASA, FAA]),
    group=st.sampled_from([COMPONENT, STANDARD]),
    usage=st.sampled_from(Usage),
    forms=st.frozensets(st.sampled_from(Form)),
    dual_forms=st.frozensets(st.sampled_from(Form)),
    batch_trace=st.booleans(),
    excluded_remarks=st.frozensets(st.just("prototype")),
)


@given(
    papers=st.lists(PAPERS, max_size=4),
    more=PAPERS,
    rules=st.lists(RULES, max_size=5),
    condition=st.sampled_from(sorted(USABLE)),
    group=st.sampled_from([COMPONENT, STANDARD]),
)
def test_another_document_never_makes_a_verdict_worse(
    papers: list[Paper], more: Paper, rules: list[Acceptance], condition: Condition, group: PartGroup
) -> None:
    aircraft = Aircraft("TP60", registry_authority=EASA)
    before = judge(Unit("P", group, condition, number="S1", papers=papers), aircraft, rules, ON)
    after = judge(Unit("P", group, condition, number="S1", papers=[*papers, more]), aircraft, rules, ON)
    assert len(after.failures) <= len(before.failures)
    assert {one.rule for one in after.failures} <= {one.rule for one in before.failures}
