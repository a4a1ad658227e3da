"""What each person of a crew does on a job: which seats, from when, for how long, and who may. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from fieldops.dispatch.crew.engagements import Sitting
from fieldops.dispatch.eligibility import Allowed
from fieldops.dispatch.queries import OpenJob
from fieldops.planning.rules import SIGNING_TIME
from fieldops.workforce.kinds import SIGNING, Seat
from fieldops.workforce.rest import Span

_NONE = timedelta()


@dataclass(frozen=True, slots=True)
class Post:
    """What one person does on a job: a seat of it, or a mechanic's and the signatory's together.

    `positions` and `seats` are those taken. It `lasts` so long, and begins from `after` to `by` after the first post.
    `given` is who has it already, whom nobody asks again; else `permitted` tells who may take it when.
    """

    positions: tuple[int, ...]
    seats: tuple[Seat, ...]
    lasts: timedelta
    after: timedelta = _NONE
    by: timedelta = _NONE
    qualifications: frozenset[str] = frozenset()
    permitted: Allowed = field(default_factory=dict)
    given: str | None = None

    @property
    def works(self) -> bool:
        """Tell whether it is more than to inspect or to sign."""
        return 0 in self.positions or not SIGNING.issuperset(self.seats)

    def without(self, people: Collection[str]) -> Post:
        """Return the post without some people, where it is work."""
        if not self.works or self.given is not None or not people:
            return self
        return replace(self, permitted={code: spans for code, spans in self.permitted.items() if code not in people})


@dataclass(frozen=True, slots=True)
class CrewWanted:
    """The posts of a job, the first of which begins from `first` to `last`; without any the job is left to people.

    `could_be_fewer` tells that somebody may both work and sign, where that is wanted of two.
    """

    posts: tuple[Post, ...]
    first: datetime
    last: datetime
    could_be_fewer: bool = False

    @property
    def given(self) -> tuple[str, ...] | None:
        """Who has the posts, where each is given already."""
        people = tuple(post.given for post in self.posts if post.given is not None)
        return people if people and len(people) == len(self.posts) else None


def crew_wanted(
    job: OpenJob, permitted: Mapping[Seat, Allowed], here: Collection[str], begins: datetime, *, fewer: bool = False
) -> CrewWanted:
    """Return the crew that a plan from an instant on wants for a job, in an area with the people `here`.

    Seats that are given stay with whom they are given to, at their time, and the others come with them. A seat whose
    holder is of elsewhere, or has it for a time that is past, is left alone; so is one to sign as long as the time of
    the work is open, which ends in time for it then. One person works and signs where there are no two, or with
    `fewer` wherever somebody may do both.
    """
    duration = timedelta(seconds=job.duration_s)
    taken = _taken(job)
    works = {position: one for position, one in taken.items() if not _signs(job, position)}
    told = [one.starts_at for one in works.values() if one.starts_at >= begins]
    start = min(told, default=None)
    first, last = (job.window_start, job.window_end) if start is None else (start, start)
    if start is None:
        signed = [one.ends_at for position, one in taken.items() if position not in works and one.ends_at > begins]
        last = max(first, min([last, *(end - duration for end in signed)]))
    own = {
        seat: {code: spans for code, spans in allowed.items() if code in here} for seat, allowed in permitted.items()
    }
    empty = [position for position in range(len(job.seats)) if position not in taken]
    both = _both(job, empty, own)
    one_person = both is not None and (fewer or not _two(own))
    posts = list(_given(taken, here, start))
    ends = max(job.window_end, last) + duration
    for position in empty:
        if both is None or not one_person or position not in both.positions:
            posts.append(_empty(job, position, own, duration, (max(first, begins), ends)))
        elif position == both.positions[0]:
            posts.append(replace(both, lasts=duration))
    posts.sort(key=lambda post: (post.after, post.positions))
    lead = posts[0].after if posts else _NONE
    posts = [replace(post, after=post.after - lead, by=post.by - lead) for post in posts]
    if posts:
        posts[0] = replace(posts[0], by=_NONE)
    return CrewWanted(tuple(posts), first + lead, last + lead, both is not None and not one_person)


def given_start(job: OpenJob) -> datetime | None:
    """Return when the work of a job begins, where somebody has a seat to do it."""
    works = [one.starts_at for position, one in _taken(job).items() if not _signs(job, position)]
    return min(works, default=None)


def _signs(job: OpenJob, position: int) -> bool:
    """Tell whether who has a seat comes to sign only, when the work is done."""
    return position > 0 and job.seats[position][0] in SIGNING


def _taken(job: OpenJob) -> dict[int, Sitting]:
    """Return {position: who has the seat}."""
    taken: dict[int, Sitting] = {}
    for one in job.crew:
        free = (at for at, (seat, _codes) in enumerate(job.seats) if seat is one.seat and at not in taken)
        position = next(free, None)
        if position is not None:
            taken[position] = one
    return taken


def _given(taken: Mapping[int, Sitting], here: Collection[str], start: datetime | None) -> Iterator[Post]:
    """Yield the posts that are given; one person has one of them, whatever else the person sits there for."""
    people: set[str] = set()
    for position, one in sorted(taken.items()):
        if start is None or one.starts_at < start or one.person not in here or one.person in people:
            continue
        people.add(one.person)
        after = one.starts_at - start
        yield Post((position,), (one.seat,), one.ends_at - one.starts_at, after, after, given=one.person)


def _empty(job: OpenJob, position: int, permitted: Mapping[Seat, Allowed], duration: timedelta, within: Span) -> Post:
    """Return the post of an empty seat. Who only signs comes for the end of the work, or later while there is time.

    Who inspects comes before who signs, so not later.
    """
    seat, codes = job.seats[position]
    asked = frozenset(codes)
    if not _signs(job, position):
        return Post((position,), (seat,), duration, qualifications=asked, permitted=permitted[seat])
    first, ends = within
    lasts = min(SIGNING_TIME, duration)
    signed_after = seat is Seat.INDEPENDENT_INSPECTOR and any(one is Seat.RELEASE_SIGNATORY for one, _ in job.seats)
    after = max(duration - lasts * (2 if signed_after else 1), _NONE)
    by = after if signed_after else max(after, ends - lasts - first)
    allowed = {
        code: tuple((since, min(until, ends)) for since, until in spans if since < ends)
        for code, spans in permitted[seat].items()
    }
    return Post((position,), (seat,), lasts, after, by, asked, allowed)


def _two(permitted: Mapping[Seat, Allowed]) -> bool:
    """Tell whether one may work and another sign."""
    mechanics, signatories = permitted[Seat.MECHANIC].keys(), permitted[Seat.RELEASE_SIGNATORY].keys()
    return bool(mechanics) and bool(signatories) and len(mechanics | signatories) > 1


def _both(job: OpenJob, empty: Sequence[int], permitted: Mapping[Seat, Allowed]) -> Post | None:
    """Return the post of a mechanic who signs, too, where there is anybody who may; its length is not told yet."""
    found: dict[Seat, int] = {}
    for position in empty:
        found.setdefault(job.seats[position][0], position)
    works, signs = found.get(Seat.MECHANIC), found.get(Seat.RELEASE_SIGNATORY)
    if works is None or signs is None:
        return None
    mechanics, signatories = permitted[Seat.MECHANIC], permitted[Seat.RELEASE_SIGNATORY]
    allowed = {
        code: spans
        for code in sorted(mechanics.keys() & signatories.keys())
        if (spans := _common(mechanics[code], signatories[code]))
    }
    codes = frozenset({*job.seats[works][1], *job.seats[signs][1]})
    seats = (Seat.MECHANIC, Seat.RELEASE_SIGNATORY)
    return Post((works, signs), seats, _NONE, qualifications=codes, permitted=allowed) if allowed else None


def _common(some: Collection[Span], others: Collection[Span]) -> tuple[Span, ...]:
    """Return when both hold."""
    spans = ((max(one[0], other[0]), min(one[1], other[1])) for one in some for other in others)
    return tuple(sorted(span for span in spans if span[0] < span[1]))
