"""The pages of stock over HTTP: what they tell to whom, and what that costs the database."""

from __future__ import annotations

import csv
import json
import re
from decimal import Decimal
from io import StringIO
from typing import Any

from inventory.catalogue.models import Essentiality, PartClass, UsageDriver
from inventory.catalogue.schemas import NewPart
from inventory.catalogue.service import add_parts
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import writing
from inventory.ledger.schemas import NewMove
from inventory.ledger.service import post
from inventory.traceability.models import LotKind
from inventory.traceability.schemas import NewLot
from inventory.traceability.service import add_lots
from tests.conftest import NOW
from tests.fieldops.app.conftest import Api
from tests.statements import statements

HTML = {"accept": "text/html"}


def page(api: Api, path: str, **query: Any) -> str:
    """A page that is there."""
    answer = api.http.get(path, params=query or None, headers=HTML)
    assert answer.status_code == 200, answer.text
    return answer.text


def table(text: str) -> dict[str, Any]:
    """What the script of the table of stock is told."""
    found = re.search(r'<script type="application/json" id="heat">(.*?)</script>', text, re.DOTALL)
    assert found
    told: dict[str, Any] = json.loads(found[1])
    return told


def cells(told: dict[str, Any]) -> dict[tuple[str, str], list[float]]:
    """{(row, column): its figures, on hand, reserved, available, due in, target, shortage}."""
    return {
        (row[0], told["columns"][line[at]][0]): line[at + 1 : at + 7]
        for row, line in zip(told["rows"], told["cells"], strict=True)
        for at in range(0, len(line), 7)
    }


def test_a_cell_tells_what_is_there_against_what_should_be(tiny: Api) -> None:
    told = table(page(tiny, "/stock"))
    assert [row[0] for row in told["rows"]] == ["XIY", "TSN", "VTE", "UTH"]
    assert [column[0] for column in told["columns"]] == ["BRAKE-1", "FILTER-1", "LAMP-1", "PUMP-1"]
    found = cells(told)
    assert found["VTE", "BRAKE-1"] == [1, 0, 1, 0, 2, 1]
    assert found["UTH", "LAMP-1"] == [0, 0, 0, 0, 4, 4]
    assert found["XIY", "LAMP-1"] == [40, 0, 40, 0, 0, 0]
    assert ("UTH", "PUMP-1") not in found


def test_groups_add_up_what_single_places_are_short_of(tiny: Api) -> None:
    found = cells(table(page(tiny, "/stock", by="region", of="part_class")))
    assert found["SEA", "expendable"] == [5, 0, 5, 0, 4, 4]  # five at VTE do not cover the four of UTH
    assert found["CN", "rotable"][:3] == [3, 0, 3]
    assert {key[1] for key in cells(table(page(tiny, "/stock", of="ata", essentiality="NO_GO")))} == {"29", "32"}


def test_what_plans_in_force_bring_is_due_but_not_what_is_held(api: Api) -> None:
    plan = api.have_plan()
    due = {
        (one["destination"], one["part"]): Decimal(str(one["quantity"]))
        for one in plan["replenishment"]["moves"]
        if not one["held"]
    }
    assert due
    found = cells(table(page(api, "/stock")))
    assert {key: figures[3] for key, figures in found.items() if figures[3]} == due


def test_of_other_regions_nothing_is_told(api: Api) -> None:
    with api.user("noi", "regional_manager", "SEA") as noi:
        told = table(page(noi, "/stock"))
        assert [row[0] for row in told["rows"]] == ["XIY", "VTE", "UTH"]
        lines = list(csv.DictReader(StringIO(page(noi, "/stock.csv").removeprefix("\ufeff"))))
        assert {line["place"] for line in lines} == {"XIY", "VTE", "UTH"}
        assert "TSN" not in page(noi, "/parts/LAMP-1")
        assert "LAMP-1" not in page(noi, "/places/TSN")
        assert "LAMP-1" in page(noi, "/places/VTE")


def test_targets_are_for_those_who_may_know_them(api: Api) -> None:
    with api.user("tech", "technician", "SEA") as tech:
        assert cells(table(page(tech, "/stock")))["VTE", "BRAKE-1"] == [1, 0, 1, 0, 0, 0]
        assert "shortage" not in page(tech, "/stock.csv")
        assert "Target" not in page(tech, "/parts/BRAKE-1")


def test_the_rest_of_a_long_table_comes_from_where_it_ends(tiny: Api) -> None:
    rest = tiny.http.get("/stock.json", params={"start": 2})
    assert rest.json() == table(page(tiny, "/stock"))["cells"][2:]
    assert tiny.http.get("/stock.json", params={"start": 4}).json() == []


def serial(number: int) -> NewPart:
    """A part that is followed by its serial numbers, with a hostile name."""
    return NewPart(
        part_number=f"EVIL/{number}",
        manufacturer_code="TEST0",
        ata_chapter="32",
        description="</script><script>alert(1)</script><img src=x onerror=alert(2)>",
        part_class=PartClass.ROTABLE,
        essentiality=Essentiality.GO,
        currency="USD",
        standard_cost=Decimal(1),
        lead_time_days=1,
        weight_kg=Decimal(1),
        usage_driver=UsageDriver.CALENDAR,
    )


def stock_up(api: Api, pieces: int) -> None:
    """Let VTE have some more serial numbers of a part."""
    numbers = [f"SN-{pieces}-{one}" for one in range(pieces)]
    with writing(api.engine, SYSTEM, clock=lambda: NOW) as session:
        add_lots(session, SYSTEM, [NewLot(part="EVIL/1", number=one, kind=LotKind.SERIAL) for one in numbers])
        moves = [
            NewMove(part="EVIL/1", origin="ADJUSTMENT", destination="VTE", lot=one, quantity=Decimal(1), document="D")
            for one in numbers
        ]
        post(session, SYSTEM, moves, NOW)


def cost(api: Api, path: str) -> int:
    """How many statements a page takes."""
    with statements(api.engine) as seen:
        page(api, path)
    return len(seen)


def test_a_page_takes_as_many_statements_for_one_piece_as_for_many(api: Api) -> None:
    with writing(api.engine, SYSTEM, clock=lambda: NOW) as session:
        add_parts(session, SYSTEM, [serial(1)])
    paths = ("/parts/EVIL/1", "/places/VTE", "/stock", "/stocktakes")
    stock_up(api, 1)
    for path in paths:
        page(api, path)
    few = [cost(api, path) for path in paths]
    stock_up(api, 40)
    assert [cost(api, path) for path in paths] == few


def test_no_text_of_the_catalogue_becomes_script(api: Api) -> None:
    with writing(api.engine, SYSTEM, clock=lambda: NOW) as session:
        add_parts(session, SYSTEM, [serial(1)])
    stock_up(api, 1)
    for path in ("/parts/EVIL/1", "/places/VTE", "/stock", "/offers?part=EVIL/1&place=VTE"):
        text = page(api, path)
        assert "<script>alert" not in text
        assert "<img" not in text
    assert [column[1] for column in table(page(api, "/stock"))["columns"]][1].startswith("</script>")


def test_moves_and_pieces_go_on_where_a_page_ends(api: Api) -> None:
    with writing(api.engine, SYSTEM, clock=lambda: NOW) as session:
        add_parts(session, SYSTEM, [serial(1)])
    stock_up(api, 60)
    first = page(api, "/parts/EVIL/1")
    pieces = re.search(r'href="(/parts/EVIL/1\?place=[^"]*)#pieces"', first)
    moves = re.search(r'href="(/parts/EVIL/1\?before=[^"]*)#moves"', first)
    assert pieces
    assert moves
    listed = re.compile(r"SN-60-\d+")
    shown = first.partition('id="moves"')
    rest = page(api, pieces[1].replace("&amp;", "&")).partition('id="moves"')
    assert set(listed.findall(shown[0])) | set(listed.findall(rest[0])) == {f"SN-60-{one}" for one in range(60)}
    older = page(api, moves[1]).partition('id="moves"')
    assert set(listed.findall(shown[2])) | set(listed.findall(older[2])) == {f"SN-60-{one}" for one in range(60)}
