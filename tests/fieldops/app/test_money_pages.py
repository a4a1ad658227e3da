"""The pages of the budgets and approvals: what they say, to whom, and that their structure holds."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.fieldops.app.conftest import Api
from tests.fieldops.app.test_pages import HTML, Outline

PAYLOAD = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>"
ORDER = {
    "document_kind": "order",
    "document": "R-000777",
    "region": "SEA",
    "priority": "AOG",
    "items": [{"item": "charter", "category": "expedite", "amount": "50500", "recovery": "300", "currency": "USD"}],
    "reason": PAYLOAD,
}
PATHS = ("/budgets", "/approvals", "/budgets/held", "/overrides", "/approvals/substitutions")


def page(api: Api, path: str, language: str = "en") -> Outline:
    """A page as it is read."""
    answer = api.http.get(path, headers=HTML | {"accept-language": language})
    assert answer.status_code == 200, answer.text
    return Outline(answer.text)


def a_line(api: Api, region: str, category: str) -> Any:
    """A line of the budgets."""
    (found,) = api.get("/budgets", region=region, category=category)["items"]
    return found


@pytest.fixture
def planned(api: Api) -> Api:
    """The small world with its day planned, so that something is held, and an order that asks for more."""
    api.have_plan()
    assert api.post("/commitments", ORDER).json()["approval"]
    return api


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_stands_also_where_there_is_nothing(tiny: Api, path: str, language: str) -> None:
    assert page(tiny, path, language).all("h1")


def test_the_tree_adds_up_to_what_the_overview_says(planned: Api) -> None:
    told = page(planned, "/budgets")
    (total,) = planned.get("/budgets/overview", by="nature")
    assert f"All regions USD {Decimal(total['budget']):,.0f} {Decimal(total['actual']):,.0f}" in told.text
    depths = [one["data-depth"] for one in told.all("tr") if "data-depth" in one]
    assert depths[:3] == ["0", "0", "1"]
    assert len(told.all("rect")) >= 1
    assert all("style" not in attributes for _tag, attributes in told.elements)
    inside = page(planned, "/budgets?region=SEA")
    assert f"/budgets/lines/{a_line(planned, 'SEA', 'freight')['id']}" in {one.get("href") for one in inside.all("a")}
    assert "CN" not in [one.get("data-key") for one in inside.all("tr")]


def test_the_chart_is_labelled_and_keeps_to_the_policy(planned: Api) -> None:
    for language, label in (("en", "How the budget is used up, in USD"), ("zh", "预算使用进度（USD）")):
        answer = planned.http.get(
            "/budgets/burn-up.svg", params={"currency": "USD", "width": 300}, headers={"accept-language": language}
        )
        assert answer.headers["content-type"] == "image/svg+xml"
        svg = ElementTree.fromstring(answer.text)  # noqa: S314 - our own
        assert (svg.get("role"), svg.get("aria-label"), svg.get("width")) == ("img", label, "340")
        assert not [
            one for one in svg.iter() if "style" in one.attrib or one.tag.endswith(("script", "style", "image"))
        ]
        colours = {one.get("stroke") for one in svg.iter()} | {one.get("fill") for one in svg.iter()}
        assert {one for one in colours if one} <= {"none", "transparent"} | {
            one for one in colours if "var(--" in (one or "")
        }
    assert planned.http.get("/budgets/burn-up.svg", params={"currency": "EUR"}).status_code == 404


def test_who_points_at_a_chart_gets_what_draws_it_anew(planned: Api) -> None:
    headers = {"accept": "application/json", "accept-language": "zh"}
    told = planned.http.get("/budgets/burn-up.svg", params={"currency": "USD"}, headers=headers)
    assert "Accept" in told.headers["vary"].split(", ")
    tips = [layer["encoding"].get("tooltip", []) for layer in told.json()["spec"]["layer"]]
    assert [one["title"] for some in tips for one in some] == ["科目", "日期", "USD"]
    assert told.json()["timeFormatLocale"]["months"][0] == "一月"
    script = planned.http.get("/charts/vega.js")
    assert script.headers["content-type"].startswith("text/javascript")
    assert "window.vegaEmbed" in script.text


def test_a_line_shows_its_entries_page_by_page(planned: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fieldops.web.pages.budgets.ENTRIES_MAX", 2)
    key = a_line(planned, "SEA", "labour")["id"]
    entries = planned.get(f"/budgets/lines/{key}/entries")["items"]
    assert len(entries) > 2
    path, seen = f"/budgets/lines/{key}", 0
    while path:
        told = page(planned, path)
        seen += len([one for one in told.all("td") if one.get("data-label") == "Entered"])
        older = [one["href"] or "" for one in told.all("a") if "before=" in (one["href"] or "")]
        path = older[0] if older else ""
    assert seen == len(entries), "each once"
    assert "Opening of the books" in page(planned, f"/budgets/lines/{key}?kind=budget").text


def test_the_inbox_says_what_for_what_comes_of_it_and_who_may(planned: Api) -> None:
    with planned.user("noi", "regional_manager", "SEA") as manager:
        told = page(manager, "/approvals")
    numbers = [one["data-number"] for one in told.all("li") if "data-number" in one]
    assert numbers, "what the plan held waits for the manager"
    assert "R-000777" in told.text, "he sees it though it is beyond his authority"
    assert "of which 300.00 comes back from payers" in told.text
    assert "May approve: Finance, Administrator" in told.text
    left = Decimal(a_line(planned, "SEA", "expedite")["available"]) - 50_500
    assert f"{left:,.2f}" in told.text, "what the line has left then"


def test_what_somebody_wrote_never_becomes_part_of_the_page(planned: Api) -> None:
    with planned.user("fin", "finance", "CN", "SEA") as finance:
        for path in ("/approvals", "/budgets/documents/order/R-000777"):
            told = page(finance, path)
            assert "<script>alert(1)</script>" in told.text, "shown as text"
            assert [one for one in told.all("script") if not one.get("src") and not one.get("type")] == []
            assert told.all("img") == []


def test_who_may_not_approve_sees_own_requests_and_no_buttons_to_decide(planned: Api) -> None:
    with planned.user("li", "dispatcher", "SEA") as dispatcher:
        asked = dispatcher.post("/commitments", ORDER | {"document": "R-000778", "reason": "brake"}).json()["approval"]
        told = page(dispatcher, "/approvals")
        assert dispatcher.http.get("/approvals/substitutions").status_code == 403
        line = page(dispatcher, f"/budgets/lines/{a_line(planned, 'SEA', 'labour')['id']}")
    assert [one["value"] for one in told.all("button") if one.get("name") == "verdict"] == ["withdraw"]
    assert asked in told.text
    assert "data-freeze" not in {name for form in line.all("form") for name in form}


def test_nobody_sees_the_money_of_another_region(planned: Api) -> None:
    with planned.user("wu", "regional_manager", "CN") as stranger:
        for path in PATHS:
            text = page(stranger, path).text
            assert "SEA" not in text.split()
            assert "R-000777" not in text
        for path in (
            f"/budgets/lines/{a_line(planned, 'SEA', 'labour')['id']}",
            "/budgets/documents/order/R-000777",
            "/budgets/burn-up.svg?currency=USD&region=SEA",
        ):
            assert stranger.http.get(path).status_code == 404, path


def test_whose_role_has_no_money_has_no_page_of_it(planned: Api) -> None:
    with planned.user("tom", "technician", "SEA") as technician:
        for path in PATHS:
            assert technician.http.get(path).status_code == 403, path
        assert "/budgets" not in {one.get("href") for one in page(technician, "/").all("a")}


def test_a_document_says_who_pays(planned: Api) -> None:
    held = ORDER | {"document": "R-000779", "items": [ORDER["items"][0] | {"amount": "900"}], "reason": "small"}  # type: ignore[operator]
    assert planned.post("/commitments", held).json()["held"]
    told = page(planned, "/budgets/documents/order/R-000779").text
    assert "In all, held and spent 900.00 USD Contract, warranty, customer 300.00 USD" in told
    assert "We: goodwill and own cost 600.00 USD" in told


def test_home_leads_to_what_waits(planned: Api) -> None:
    with planned.user("fin", "finance", "CN", "SEA") as finance:
        links = {one.get("href") for one in page(finance, "/").all("a")}
    assert "/approvals" in links
    assert any((one or "").startswith("/approvals#AR-") for one in links)
