"""Which parts stand in for each other, as the catalogue says it: groups, each with the part that is bought for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from inventory.catalogue.models import InterchangeKind, PartClass
from inventory.planning.stock_plans.picture import Item, Picture


@dataclass(frozen=True, slots=True)
class Group:
    """Parts by their index in the picture: the preferred one, and those that it stands in for."""

    preferred: int
    others: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Kin:
    """Groups whose parts stand in for each other, and groups in which only the preferred one does for the others.

    No part is among the others of two groups. `successions` are {superseded part: what takes its place}; `unclear` have
    several parts that might, or replace each other in a circle.
    """

    two_way: tuple[Group, ...]
    one_way: tuple[Group, ...]
    successions: Mapping[int, int]
    unclear: frozenset[int]

    def one_demand(self) -> dict[int, int]:
        """Return {part: the part that its demand counts for}: they sit in the same positions."""
        return dict(self.successions) | {other: group.preferred for group in self.two_way for other in group.others}

    def ends(self) -> dict[int, int]:
        """Return {part: the one that is bought for it} of all others."""
        into = {other: group.preferred for group in self.two_way for other in group.others}
        last = {other: group.preferred for group in self.one_way for other in group.others}
        return {other: last.get(end, end) for other, end in (last | into).items()}


def kin_of(picture: Picture) -> Kin:
    """Return the groups of a picture. O(links × log(links))."""
    index = {item.id: number for number, item in enumerate(picture.items)}
    links: defaultdict[InterchangeKind, set[tuple[int, int]]] = defaultdict(set)
    for one in picture.replaced:
        if one.old in index and one.new in index:
            links[one.kind].add((index[one.old], index[one.new]))
    successors: defaultdict[int, set[int]] = defaultdict(set)
    for old, new in sorted(links[InterchangeKind.SUPERSEDES]):
        successors[old].add(new)
    items = picture.items
    together = _together(pair for pair in links[InterchangeKind.TWO_WAY] if _alike(items, *pair))
    two_way = []
    for members in together:
        # what is superseded by a part beyond asks for that one, and no more for these
        stay = [one for one in members if successors.get(one, set()) <= set(members)]
        if len(stay) > 1:
            older = {one for one in stay if successors.pop(one, None)}
            preferred = min(stay, key=lambda one: (one in older, items[one].price, one))
            two_way.append(Group(preferred, tuple(one for one in stay if one != preferred)))
    unclear = frozenset(old for old, some in successors.items() if len(some) > 1)
    successions = {old: min(some) for old, some in successors.items() if old not in unclear}
    into = {other: group.preferred for group in two_way for other in group.others}
    edges = {
        (into.get(one, one), into.get(other, other))
        for one, other in links[InterchangeKind.ONE_WAY]
        if _alike(items, one, other) and not {one, other} & successors.keys()
    }
    one_way, torn = _chains(edges)
    return Kin(tuple(two_way), one_way, successions, unclear | torn)


def _alike(items: Sequence[Item], one: int, other: int) -> bool:
    """Return whether two parts can be planned together: both can be bought, and both or none are repaired."""
    pair = (items[one], items[other])
    able = all(item.price > 0 and item.part_class is not PartClass.TOOL for item in pair)
    return able and pair[0].restored == pair[1].restored


def _together(pairs: Iterable[tuple[int, int]]) -> list[list[int]]:
    """Return what hangs together by pairs."""
    beside: defaultdict[int, set[int]] = defaultdict(set)
    for one, other in pairs:
        beside[one].add(other)
        beside[other].add(one)
    found, seen = [], set()
    for first in sorted(beside):
        if first in seen:
            continue
        seen.add(first)
        members = [first]
        for one in members:  # grows while it is read
            more = sorted(beside[one] - seen)
            seen.update(more)
            members += more
        found.append(sorted(members))
    return found


def _chains(edges: Iterable[tuple[int, int]]) -> tuple[tuple[Group, ...], frozenset[int]]:
    """Return groups by the end of each chain, and the parts from which several ways lead, or that go in a circle."""
    onward: defaultdict[int, set[int]] = defaultdict(set)
    for old, new in edges:
        if old != new:
            onward[old].add(new)
    torn = {old for old, some in onward.items() if len(some) > 1}
    step = {old: min(some) for old, some in onward.items() if old not in torn}
    others: defaultdict[int, list[int]] = defaultdict(list)
    for old in sorted(step):
        end, passed = old, {old}
        while end in step:
            end = step[end]
            if end in passed:
                torn.add(old)
                break
            passed.add(end)
        else:
            others[end].append(old)
    return tuple(Group(end, tuple(some)) for end, some in sorted(others.items())), frozenset(torn)
