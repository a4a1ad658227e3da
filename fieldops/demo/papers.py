"""The serial and lot numbers of the stock, and the documents that release them, as a network has them after years."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

from numpy.random import Generator

from fieldops.demo.rows import DocumentRow, PartClass, PartRow, PieceRow, StockRow

RESTORED = frozenset[PartClass]({"rotable", "repairable"})
"""Classes whose pieces have serial numbers."""
BY_LOT = frozenset[PartClass]({"expendable", "material", "standard_part"})
FIRST_SERIAL = 10_001
PAPERS_SHARE = 0.96
"""Of the rest the papers are still looked for, so that it is not issued."""
AGE_DAYS, WORK_AGE_DAYS = (300, 4_000), (20, 290)
"""How long ago a piece was made, and when the document that it came with was signed."""
SHOPS = (
    ("easa_form_1", "EASA", "Rhine Component Services", "EU.145.9901"),
    ("caac_aac_038", "CAAC", "Weihe Aviation Maintenance", "D.99001"),
    ("faa_8130_3", "FAA", "Prairie Accessory Repair", "9YX990L"),
)
"""Form, authority, organisation and approval of the shops that pieces come from."""
SHOP_SHARES = (0.55, 0.3, 0.15)
DUAL_SHARE = 0.7
"""Documents that release under the other two authorities, too."""
WORK_SHARES = {"new": 0.35, "overhauled": 0.4, "repaired": 0.25}
MAKERS = ("Tianhe Aircraft", "CN.21G.9901")


def build_pieces(rng: Generator, start: date, parts: Iterable[PartRow], stock: Iterable[StockRow]) -> list[PieceRow]:
    """Return the stock by number: each piece that is restored by itself, the rest by lot, of which a part has two."""
    classes = {part.part_number: part.part_class for part in parts}
    order = {number: at for at, number in enumerate(classes)}
    made = [start - timedelta(days=int(days)) for days in rng.integers(*AGE_DAYS, 2 * len(order))]
    serial = FIRST_SERIAL
    pieces = []
    for row in stock:
        kind = classes[row.part_number]
        if kind in RESTORED:
            for _piece in range(row.quantity):
                made_on = start - timedelta(days=int(rng.integers(*AGE_DAYS)))
                pieces.append(PieceRow(row.part_number, row.place, row.condition, 1, f"SN{serial}", "serial", made_on))
                serial += 1
        elif kind in BY_LOT:
            at = 2 * order[row.part_number] + int(rng.integers(2))
            number = f"L{at:06d}"
            pieces.append(PieceRow(row.part_number, row.place, row.condition, row.quantity, number, "lot", made[at]))
        else:
            pieces.append(PieceRow(row.part_number, row.place, row.condition, row.quantity, None, None, None))
    return pieces


def build_documents(
    rng: Generator, start: date, parts: Iterable[PartRow], pieces: Iterable[PieceRow]
) -> list[DocumentRow]:
    """Return a document for most numbers: a release form, for standard parts and materials one of conformity."""
    classes = {part.part_number: part.part_class for part in parts}
    numbered = {(one.part_number, one.number): one.kind == "serial" for one in pieces if one.number is not None}
    return list(_documents(rng, start, classes, numbered))


def _documents(
    rng: Generator, start: date, classes: Mapping[str, PartClass], numbered: Mapping[tuple[str, str], bool]
) -> Iterator[DocumentRow]:
    """`numbered` tells of each number whether it is a serial number."""
    work = tuple(WORK_SHARES)
    shops = rng.choice(len(SHOPS), size=len(numbered), p=SHOP_SHARES)
    done = rng.choice(len(work), size=len(numbered), p=list(WORK_SHARES.values()))
    ages = rng.integers(*WORK_AGE_DAYS, len(numbered))
    dual = rng.random(len(numbered)) < DUAL_SHARE
    there = rng.random(len(numbered)) < PAPERS_SHARE
    for at, ((part, number), is_serial) in enumerate(numbered.items()):
        if not there[at]:
            continue
        conforms = classes[part] in ("material", "standard_part")
        form, authority, organisation, approval = SHOPS[int(shops[at])]
        if conforms:
            form, (organisation, approval) = "conformity", MAKERS
        others = tuple(sorted(shop[1] for shop in SHOPS if shop[1] != authority))
        yield DocumentRow(
            form=form,
            tracking_number=f"RC-{at + 1:06d}",
            dated=start - timedelta(days=int(ages[at])),
            authority=authority,
            organisation=organisation,
            approval=approval,
            signatory=f"Stamp {approval[-2:]}-{at % 40 + 1:02d}",
            releases_under=others if dual[at] and not conforms else (),
            status=work[int(done[at])] if is_serial else "new",
            batch=None if is_serial else number,
            part_number=part,
            number=number,
        )
