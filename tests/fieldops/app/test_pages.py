"""The page of a day plan: what it says, and that its structure holds."""

from __future__ import annotations

from collections import Counter
from copy import deepcopy
from decimal import Decimal
from html.parser import HTMLParser
from urllib.parse import quote

import httpx
import pytest
from sqlalchemy import select

from fieldops.dispatch.models import Job
from fieldops.finance.control.plans import Override
from fieldops.planning.models import DayPlan
from fieldops.web import templating
from fieldops.web.pages import plan_view
from inventory.catalogue.models import Part
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import writing
from inventory.traceability.models import Lot, LotKind
from tests.fieldops.app import bodies
from tests.fieldops.app.conftest import Api

HTML = {"accept": "text/html"}


class Outline(HTMLParser):
    """Counts the elements of a page and collects its words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data.split()

    @property
    def text(self) -> str:
        """All words, one blank apart."""
        return " ".join(self.words)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of every element of a kind."""
        return [attributes for name, attributes in self.elements if name == tag]


def _page(api: Api, path: str) -> Outline:
    answer = api.http.get(path, headers=HTML)
    assert answer.status_code == 200, answer.text
    return Outline(answer.text)


@pytest.fixture
def planned(api: Api) -> Api:
    """The small world with its day planned."""
    api.have_plan()
    return api


@pytest.mark.parametrize("path", ["/", "/plans/P-000001?region=CN", "/plans/P-9"])
def test_a_stranger_is_asked_to_sign_in_and_brought_back(tiny: Api, path: str) -> None:
    with httpx.Client(base_url=tiny.http.base_url) as stranger:
        answer = stranger.get(path, headers=HTML)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/signin?next={quote(path, safe='')}")
        form = Outline(stranger.get(answer.headers["location"], headers=HTML).text)
        assert path in [one.get("value") for one in form.all("input")]
        assert stranger.get(path).status_code == 401, "a program is told"


@pytest.mark.parametrize("path", ["/signin", "/api/v1/docs", "/problems", "/problems/stale", "/healthz"])
def test_what_shows_no_data_is_open(tiny: Api, path: str) -> None:
    assert httpx.get(f"{tiny.http.base_url}{path}", headers=HTML, timeout=60).status_code == 200


def test_a_page_speaks_the_language_that_the_browser_asks_for(planned: Api) -> None:
    answer = planned.http.get("/plans/P-000001", headers=HTML | {"accept-language": "zh-CN,zh;q=0.9"})
    page = Outline(answer.text)
    assert page.all("html") == [{"lang": "zh-CN", "data-theme": "auto"}]
    assert "2026年3月2日星期一" in page.text
    refused = planned.http.get("/api/v1/jobs/J-77", headers={"accept-language": "zh"}).json()
    assert refused["code"] == "unknown_job"
    assert not refused["title"].isascii()
    assert not refused["detail"].isascii()


def test_without_a_plan_the_page_says_how_to_get_one(tiny: Api) -> None:
    page = _page(tiny, "/plans")
    assert "fieldops plan day" in page.text
    assert "fieldops demo" in page.text


def test_the_page_shows_who_does_what_when_and_why_not(planned: Api) -> None:
    page = _page(planned, "/plans/P-000001")
    for shown in (
        "Monday, March 2, 2026",
        "In force in CN, SEA.",
        "李芳 T-1 base XIY",
        "J-1 Brake seized after landing",
        "UTH Udon Thani",
        "Asia/Vientiane",
        "J-4 Borescope of engine 2",
        "Held for approval",
        "SEA Freight",
        "Main wheel brake",
    ):
        assert shown in page.text, shown
    assert {"class": "badge aog"} in page.all("span")
    assert "AOG" in page.words


def test_each_seat_is_shown_and_what_an_older_plan_left_to_people(api: Api) -> None:
    number = api.have_plan()["plan"]
    with writing(api.engine, SYSTEM) as session:
        plan = session.scalars(select(DayPlan).where(DayPlan.number == number)).one()
        told = deepcopy(plan.document)
        del told["dispatch"]["assignments"][0]["seat"]
        told["dispatch"]["assignments"][0]["by_hand"] = ["mechanic", "release_signatory"]
        plan.document = told
    for language, heading, left, seat in (
        ("en", "Seat", "by hand: Mechanic, Release signatory", "Mechanic"),
        ("zh", "岗位", "人工分配：维修人员, 放行人员", "维修人员"),
    ):
        page = Outline(api.http.get("/plans/P-000001", headers=HTML | {"accept-language": language}).text)
        assert [one.get("data-label") for one in page.all("td")].count(heading) == 4, "one for each job"
        assert page.text.count(left) == 1
        assert page.text.count(seat) == 4


def test_what_needs_somebody_is_shown_before_what_goes_well(planned: Api) -> None:
    sections = [one["aria-labelledby"] for one in _page(planned, "/plans/P-000001").all("section")]
    assert sections[:5] == ["terms", "unassigned", "held", "budget", "jobs"]


def test_the_page_says_where_the_travel_times_come_from(planned: Api) -> None:
    told = planned.get("/plans/P-000001")["travel"]["text"]
    assert told
    assert " ".join(told.split()) in _page(planned, "/plans/P-000001").text


def test_times_are_those_of_the_place(planned: Api) -> None:
    page = _page(planned, "/plans/P-000001")
    (job,) = [one for one in planned.get("/plans/P-000001")["dispatch"]["assignments"] if one["job"] == "J-2"]
    instant = job["start"].replace("Z", "+00:00")
    assert {"datetime": instant} in page.all("time")
    hour = int(instant[11:13])
    assert f"{(hour + 8) % 24:02}:{instant[14:16]}" in page.text


def test_home_tells_a_job_in_the_readers_language_by_the_clock_of_its_place(api: Api) -> None:
    job = bodies.job(number="J-9", title="Gear pin sheared", title_zh="起落架销断裂", place="TSN")
    assert api.post("/jobs", job).status_code == 201
    due = api.get("/jobs/J-9")["due_at"]
    page = Outline(api.http.get("/", headers=HTML | {"accept-language": "zh"}).text)
    assert "起落架销断裂" in page.text
    assert "sheared" not in page.words
    assert {"datetime": due.replace("Z", "+00:00")} in page.all("time")
    assert f"{(int(due[11:13]) + 8) % 24:02}:{due[14:16]} Asia/Shanghai" in page.text


def test_a_storekeeper_is_told_what_is_to_be_counted(api: Api) -> None:
    made = api.post("/stocktakes", {"place": "VTE"})
    assert made.status_code == 201, made.text
    with api.user("keeper", "storekeeper", "SEA") as keeper:
        assert f"Stocktakes to count 1 {made.json()['number']} VTE: 0 of" in _page(keeper, "/").text


def test_a_page_of_one_region_leaves_the_others_out(planned: Api) -> None:
    page = _page(planned, "/plans/P-000001?region=CN")
    assert "J-2" in page.words
    assert "J-1" not in page.words
    assert "Udon" not in page.words
    assert all("SEA" not in (one["aria-label"] or "") for one in page.all("meter"))
    answer = planned.http.get("/plans/P-000001?region=MOON", headers=HTML)
    assert answer.status_code == 404


def test_a_plan_that_was_replaced_says_so(planned: Api) -> None:
    number = planned.have_plan()["plan"]
    assert "No longer in force" in _page(planned, "/plans/P-000001").text
    assert f"Day plan {number}" in _page(planned, f"/plans/{number}").text


def test_each_budget_line_has_a_named_meter_and_its_share_in_words(planned: Api) -> None:
    page = _page(planned, "/plans/P-000001")
    meters = page.all("meter")
    assert len(meters) == 10
    for meter in meters:
        assert meter["aria-label"]
        assert 0 <= float(meter["value"] or "-1") <= 1
    assert sum(word.endswith("%") for word in page.words) == 11, "and how much of the people's time is used"


def test_an_override_is_shown_with_its_reason(api: Api) -> None:
    api.have_plan(cap=Decimal(0), override=Override("chief", "aircraft on ground"))
    page = _page(api, "/plans/P-000001").text
    assert "waits for approval" in page
    assert "aircraft on ground" in page
    assert "chief" in page


def test_what_people_typed_is_text_and_never_markup(api: Api) -> None:
    evil = '<script>alert("1")</script><img src=x>'
    assert api.post("/jobs", bodies.job(title=evil)).status_code == 201
    api.have_plan()
    answer = api.http.get("/plans/P-000001", headers=HTML)
    assert "&lt;script&gt;" in answer.text
    page = Outline(answer.text)
    assert page.all("img") == []
    assert all("src" in one or one.get("type") == "application/json" for one in page.all("script"))
    assert evil in page.text


def test_a_long_list_is_cut_and_says_so(planned: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_view, "ROWS_MAX", 1)
    assert "The first 1 of 4 are shown" in _page(planned, "/plans/P-000001").text


@pytest.mark.parametrize("path", ["/", "/plans", "/search?q=J", "/plans/P-000001?region=SEA", "/api/v1/docs"])
def test_the_structure_serves_assistive_technology(planned: Api, path: str) -> None:
    page = _page(planned, path)
    names = Counter(name for name, _attributes in page.elements)
    assert page.all("html")[0]["lang"] == "en"
    assert names["h1"] == names["main"] == 1
    assert names["caption"] == names["table"]
    assert all(one.get("scope") for one in page.all("th"))
    ids = [attributes["id"] for _name, attributes in page.elements if "id" in attributes]
    assert len(set(ids)) == len(ids)
    assert {one["aria-labelledby"] for one in page.all("section")} <= set(ids)
    assert page.all("a")[0] == {"class": "skip", "href": "#content"}
    assert "content" in ids


def test_language_colours_and_region_keep_what_a_page_was_asked_for(planned: Api) -> None:
    page = _page(planned, "/plans/compare?plan=P-000001&region=CN")
    ways = [one["href"] or "" for one in page.all("a")]
    here = quote("/plans/compare?plan=P-000001&region=CN")
    assert f"/language/zh_CN?next={here}" in ways
    assert f"/theme/dark?next={here}" in ways
    # the region that is chosen goes before the one of the address
    assert "/plans/compare?plan=P-000001" in [one.get("value") for one in page.all("input")]
    back = planned.http.get(f"/language/zh_CN?next={here}", headers=HTML, follow_redirects=False)
    assert back.headers["location"] == "/plans/compare?plan=P-000001&region=CN"


def test_without_a_plan_the_comparison_asks_for_one(planned: Api) -> None:
    page = _page(planned, "/plans/compare")
    assert "P-000001" in page.text
    assert "plan" in [one.get("name") for one in page.all("select")]


def test_an_approval_is_found_by_its_number(planned: Api) -> None:
    number = planned.get("/approvals")["items"][0]["number"]
    found = planned.http.get("/search.json", params={"q": number}).json()
    assert f"/approvals#{number}" in [one["path"] for one in found]


def test_what_else_has_a_number_is_found_with_its_page(planned: Api) -> None:
    """Orders, serial numbers, stocktakes, budget lines and users lead to pages that are there."""
    stocktake = planned.post("/stocktakes", {"place": "XIY", "blind": False}).json()["number"]
    order = planned.get("/plans/P-000001")["replenishment"]["moves"][0]["number"]
    with writing(planned.engine, SYSTEM) as session:
        part = session.scalars(select(Part)).first()
        assert part is not None
        session.add(Lot(part_id=part.id, number="SN-4711", kind=LotKind.SERIAL))
        number = part.part_number
    line = planned.get("/budgets")["items"][0]
    wanted = {
        order: "/plans/P-000001#orders",
        "N-4711": f"/parts/{number}",
        stocktake: f"/stocktakes/{stocktake}",
        f"{line['region']} {line['category']}": f"/budgets/lines/{line['id']}",
        "tester": "/admin/users/tester",
    }
    for text, path in wanted.items():
        found = planned.http.get("/search.json", params={"q": text}).json()
        assert path in [one["path"] for one in found], text
        assert planned.http.get(path.partition("#")[0], headers=HTML).status_code == 200


@pytest.mark.parametrize(("share", "told"), [("1", "100%"), ("1.004", "100.4%"), ("0.997", "99.7%"), ("0.5", "50%")])
def test_a_little_more_than_all_is_not_told_as_all(share: str, told: str) -> None:
    assert templating._share(Decimal(share)) == told


def test_a_page_says_up_to_which_event_it_knows(planned: Api) -> None:
    (told,) = (one["content"] for one in _page(planned, "/").all("meta") if one.get("name") == "told")
    last = planned.http.get("/api/v1/events/log?limit=200").json()["items"][-1]["number"]
    assert int(told or 0) >= last > 0
    assert planned.http.get(f"/api/v1/events/log?after={told}").json()["items"] == []


def test_search_and_plans_call_jobs_and_parts_as_the_reader_does(planned: Api) -> None:
    with writing(planned.engine, SYSTEM) as session:
        session.scalars(select(Job).where(Job.number == "J-1")).one().title_zh = "着陆后刹车卡死"
        part = session.scalars(select(Part).where(Part.description == "Main wheel brake")).first()
        assert part is not None
        part.description_zh = "主轮刹车"
    for language, job, name in (("en", "Brake seized", "Main wheel brake"), ("zh", "着陆后刹车卡死", "主轮刹车")):
        headers = {"accept-language": language}
        found = planned.http.get("/search.json", params={"q": "刹车"}, headers=headers).json()
        assert {True} == {any(text in one["name"] for one in found) for text in (job, name)}
        assert name in planned.http.get("/plans/P-000001", headers=HTML | headers).text
