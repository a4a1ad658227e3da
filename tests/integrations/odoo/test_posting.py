from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from integrations.odoo import (
    OdooAccountError,
    OdooBusyError,
    OdooRejectedError,
    OdooSettings,
    OdooUnknownOutcomeError,
    PostedCost,
    connect,
)
from tests.integrations.odoo.records import Fault
from tests.integrations.odoo.stub import OdooStub, Trouble
from tests.integrations.odoo.world import EUR, posting, settings_for

EXTERNAL_ID = "__fieldops_test__.cost_0195-a7"


def lines(stub: OdooStub) -> list[dict[str, Any]]:
    return list(stub.records.tables["account.analytic.line"].values())


def test_a_cost_is_a_negative_amount_on_its_account(stub: OdooStub) -> None:
    with connect(settings_for(stub)) as odoo:
        posted = odoo.post_cost(posting())
    assert posted == PostedCost(line_id=1, external_id=EXTERNAL_ID)
    assert stub.records.external_ids == {EXTERNAL_ID: ("account.analytic.line", 1)}
    (line,) = lines(stub)
    assert (line["account_id"], line["amount"]) == ([1, "Region East"], -1234.5)
    assert (line["date"], line["name"], line["ref"]) == ("2026-03-02", "Freight AOG 空运", "JOB-000017")


def test_a_credit_is_a_positive_amount(stub: OdooStub) -> None:
    with connect(settings_for(stub)) as odoo:
        odoo.post_cost(posting(cost=Decimal("-1234.50")))
    assert [line["amount"] for line in lines(stub)] == [1234.5]


def test_the_same_posting_is_written_once(stub: OdooStub) -> None:
    with connect(settings_for(stub)) as odoo:
        first = odoo.post_cost(posting())
        assert odoo.post_cost(posting()) == first
    with connect(settings_for(stub)) as odoo:
        assert odoo.post_cost(posting()) == first
        assert odoo.post_cost(posting(key="0195-a8")) != first
    assert len(lines(stub)) == 2


def test_two_sites_do_not_share_a_key(stub19: OdooStub) -> None:
    for site in ("east", "west"):
        with connect(settings_for(stub19, site=site)) as odoo:
            odoo.post_cost(posting())
    assert len(lines(stub19)) == 2


def test_a_connection_that_drops_after_the_commit_and_a_second_try_write_once(stub: OdooStub) -> None:
    stub.next("load", Trouble.DROP)
    with connect(settings_for(stub)) as odoo:
        with pytest.raises(OdooUnknownOutcomeError, match="broke before its answer came: send again") as caught:
            odoo.post_cost(posting())
        assert (caught.value.retryable, caught.value.unknown_outcome) == (True, True)
        assert len(lines(stub)) == 1
        assert odoo.post_cost(posting()).line_id == 1
    assert len(lines(stub)) == 1


def test_a_timeout_after_the_commit_and_a_second_try_write_once(stub: OdooStub) -> None:
    stub.next("load", Trouble.SILENCE)
    with connect(settings_for(stub, timeout_s=0.3)) as odoo:
        with pytest.raises(OdooUnknownOutcomeError, match=r"did not answer within 0\.3 s") as caught:
            odoo.post_cost(posting())
        assert (caught.value.retryable, caught.value.unknown_outcome) == (True, True)
    with connect(settings_for(stub)) as odoo:
        assert odoo.post_cost(posting()).line_id == 1
    assert len(lines(stub)) == 1


def test_a_lost_race_writes_nothing_and_may_be_repeated(stub: OdooStub) -> None:
    stub.next("load", Trouble.LOST_RACE)
    with connect(settings_for(stub)) as odoo:
        with pytest.raises(OdooBusyError) as caught:
            odoo.post_cost(posting())
        assert (caught.value.retryable, caught.value.unknown_outcome) == (True, False)
        assert lines(stub) == []
        odoo.post_cost(posting())
    assert len(lines(stub)) == 1


def test_an_account_is_found_by_name_when_no_code_fits(stub: OdooStub) -> None:
    stub.records.add("account.analytic.account", name="CC-E", root_plan_id=[1, "Project"])
    with connect(settings_for(stub)) as odoo:
        odoo.post_cost(posting(account="CC-E"))
        odoo.post_cost(posting(key="2", account="Region East"))
    assert [line["account_id"][1] for line in lines(stub)] == ["Region East", "Region East"]


@pytest.mark.parametrize(
    ("account", "says"),
    [
        ("CC-Q", "no active analytic account in Odoo has the code or name 'CC-Q': create it there"),
        ("cc-e", "no active analytic account"),
        ("Closed", "no active analytic account"),
        ("Twin", "2 analytic accounts in Odoo are called 'Twin': give the right one a code"),
    ],
)
def test_no_account_or_two_of_them_is_an_error(stub: OdooStub, account: str, says: str) -> None:
    with connect(settings_for(stub)) as odoo, pytest.raises(OdooAccountError, match=says) as caught:
        odoo.post_cost(posting(account=account))
    assert (caught.value.retryable, caught.value.unknown_outcome) == (False, False)
    assert lines(stub) == []


def test_an_account_made_after_the_refusal_is_found(stub19: OdooStub) -> None:
    with connect(settings_for(stub19)) as odoo:
        with pytest.raises(OdooAccountError):
            odoo.post_cost(posting(account="CC-N"))
        stub19.records.add(
            "account.analytic.account", code="CC-N", name="New", root_plan_id=[1, "Project"], currency_id=[1, "USD"]
        )
        odoo.post_cost(posting(account="CC-N"))
    assert len(lines(stub19)) == 1


def test_an_account_of_another_plan_goes_to_the_column_of_that_plan(stub: OdooStub) -> None:
    with connect(settings_for(stub)) as odoo:
        odoo.post_cost(posting(account="CC-W"))
    (line,) = lines(stub)
    own, other = ("account_id", "x_plan7_id") if stub.version == 16 else ("x_plan7_id", "account_id")
    assert line[own] == [2, "Region West"]
    assert not line.get(other)


def test_a_posting_in_another_currency_than_the_account_is_refused(stub: OdooStub) -> None:
    with (
        connect(settings_for(stub)) as odoo,
        pytest.raises(OdooAccountError, match="kept in USD, the posting is in EUR"),
    ):
        odoo.post_cost(posting(currency="EUR"))
    assert lines(stub) == []


def test_a_shared_account_is_kept_in_the_currency_of_all_companies(stub: OdooStub) -> None:
    with connect(settings_for(stub)) as odoo:
        odoo.post_cost(posting(account="CC-S"))
    assert len(lines(stub)) == 1
    stub.records.add("res.company", name="Sister", currency_id=EUR)
    with connect(settings_for(stub)) as odoo, pytest.raises(OdooAccountError, match="give it a company in Odoo"):
        odoo.post_cost(posting(key="2", account="CC-S"))


def test_the_line_belongs_to_the_company_of_its_account(stub: OdooStub) -> None:
    stub.records.add("res.company", name="Sister", currency_id=EUR)
    stub.records.add(
        "account.analytic.account",
        name="Hub",
        code="CC-H",
        root_plan_id=[1, "Project"],
        company_id=[2, "Sister"],
        currency_id=EUR,
    )
    with connect(settings_for(stub)) as odoo:
        odoo.post_cost(posting(account="CC-H", currency="EUR"))
    assert lines(stub)[0]["company_id"][0] == 2


def test_no_exponent_reaches_odoo(stub19: OdooStub) -> None:
    with connect(settings_for(stub19)) as odoo:
        odoo.post_cost(posting(cost=Decimal("1.5E+4")))
    _, _, arguments = stub19.calls[-1]
    assert dict(zip(arguments["fields"], arguments["data"][0], strict=True))["amount"] == "-15000"


def test_a_cell_that_odoo_refuses_is_a_permanent_error_that_names_the_field(stub: OdooStub) -> None:
    with connect(settings_for(stub)) as odoo:
        odoo.post_cost(posting())
        del stub.records.tables["account.analytic.account"][1]
        with pytest.raises(OdooRejectedError, match=r"fields: account_id\)") as caught:
            odoo.post_cost(posting(key="2"))
    assert not caught.value.retryable
    assert len(lines(stub)) == 1


def test_an_exception_of_odoo_is_permanent(stub: OdooStub) -> None:
    stub.next("load", Fault("odoo.exceptions.UserError", "The fiscal year is locked."))
    with connect(settings_for(stub)) as odoo, pytest.raises(OdooRejectedError, match=r"odoo\.exceptions\.UserError"):
        odoo.post_cost(posting())


def test_a_settings_object_may_serve_many_connections(settings: OdooSettings, stub: OdooStub) -> None:
    for key in ("1", "2"):
        with connect(settings) as odoo:
            odoo.post_cost(posting(key=key))
    assert len(lines(stub)) == 2
