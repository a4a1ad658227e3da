"""What the numbers of a stocktake mean, and by which moves its variances are posted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal

from inventory.ledger.schemas import NewMove
from inventory.stocktakes.models import CountLine

_PERCENT = Decimal("0.01")


def accuracy_percent(counted: int, differing: int) -> Decimal | None:
    """Return the share of the counted lines that agree with the book, None before the first count."""
    if not counted:
        return None
    return (Decimal(100) * (counted - differing) / counted).quantize(_PERCENT, ROUND_HALF_EVEN)


def corrections(
    lines: Iterable[tuple[CountLine, str]], place: str, adjustment: str, document: str, moved_at: datetime | None = None
) -> list[NewMove]:
    """Return the moves that post the variances of (line, part number), each when it was counted unless told otherwise.

    A numbered piece that was counted in another condition, hold or ownership than the book has it in moves there at
    its place; all else comes from the place of adjustments, or goes there.
    """
    numbered: defaultdict[str, list[tuple[CountLine, str]]] = defaultdict(list)
    rest = []
    for line, part in lines:
        if line.lot is not None and abs(line.variance) == 1:
            numbered[f"{part}\n{line.lot}"].append((line, part))
        else:
            rest.append((line, part))
    moves = []
    for both in numbered.values():
        both.sort(key=lambda pair: pair[0].variance)
        if [line.variance for line, _part in both] == [-1, 1]:
            (missed, part), (found, _part) = both
            moves.append(_within(missed, found, part, place, document, moved_at))
        else:
            rest += both
    return moves + [_adjusting(line, part, place, adjustment, document, moved_at) for line, part in rest]


def _within(
    missed: CountLine, found: CountLine, part: str, place: str, document: str, moved_at: datetime | None
) -> NewMove:
    counted = [line.counted_at for line in (missed, found) if line.counted_at is not None]
    return NewMove(
        part=part,
        origin=place,
        destination=place,
        condition=missed.condition,
        to_condition=found.condition,
        hold=missed.hold,
        to_hold=found.hold,
        owner=missed.owner,
        to_owner=found.owner,
        lot=missed.lot,
        quantity=found.variance,
        document=document,
        moved_at=moved_at or max(counted),
    )


def _adjusting(
    line: CountLine, part: str, place: str, adjustment: str, document: str, moved_at: datetime | None
) -> NewMove:
    found = line.variance > 0
    return NewMove(
        part=part,
        origin=adjustment if found else place,
        destination=place if found else adjustment,
        condition=line.condition,
        hold=line.hold,
        owner=line.owner,
        lot=line.lot,
        quantity=abs(line.variance),
        document=document,
        moved_at=moved_at or line.counted_at,
    )
