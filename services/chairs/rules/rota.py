"""The rota: in which order the seats take the chair, as the record of terms and seats has it.

How the rules on it are read where more than one reading is possible:

- It is computed from the record whenever it is asked for; only what the Group adopts becomes a term.
- *A new seat joins the end*: adopted years stay as they are; of the years after them the rota gives the first to who
  never chaired.
- *Decline*: the next in order who can serve moves up (co-chairs together; beside a co-chair who stays, one for one), and
  the decliner takes the place that this leaves. Nobody moves up to a year it has itself declined, unless all others who
  could serve have left.
- *An ended seat is passed over*: all turns after it move up together, in their order, and the rota gives the last adopted years
  to the next in order, so that no adopted year loses its chair while somebody can serve it, nor anyone gains years on end by
  filling gap after gap. To be given the chair of a year, a seat must hold for the whole of it.
- Standing in for a chair that stepped down is no turn: who does keeps its place.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from services.chairs.rules.periods import covers
from services.kernel import Composition, Term, year_begins

Order = dict[int, list[str]]
"""Who is to chair, by year."""

Declined = set[tuple[int, str]]
"""Years, each with an entity that will not chair it."""


@dataclass
class Turn:
    """Who is to chair in a year; nobody, when no seat holds throughout it."""

    year: int
    chairs: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Rota:
    """The order that this composition gives."""

    composition: Composition

    def proposed(self, first: int, years: int, together: int) -> list[Turn]:
        """Who is to chair in ``years`` years from ``first``: the seats in order of *chaired longest ago, never first, then by the
        date of the seat*, ``together`` at a time. What is adopted from ``first`` on is not counted, so that a standing order can
        be compared with it."""
        last = self.last_chaired(before=first)
        turns = []
        for year in range(first, first + years):
            chairs = self.queue(year, last)[:together]
            last |= dict.fromkeys(chairs, year)
            turns.append(Turn(year, chairs))
        return turns

    def last_chaired(self, *, before: int) -> dict[str, int]:
        """The last year each entity had before a year; who never chaired is not in it."""
        terms = sorted((t for t in self.composition.terms.values() if t.year < before), key=lambda t: t.year)
        return {code: term.year for term in terms for code in term.chairs}

    def queue(self, year: int, last: dict[str, int]) -> list[str]:
        """The seats that hold throughout a year, in the order of the rota."""
        begins = year_begins(year)
        return self._in_order({s.entity for s in self.composition.seats if covers(s, begins, year_begins(year + 1))}, last, begins)

    def longest_ago(self, at: datetime) -> list[str]:
        """The entities seated as of an instant, who chaired longest ago first."""
        return self._in_order(set(self.composition.seated(at)), self.last_chaired(before=at.year + 1), at)

    def stand_ins(self, term: Term, leaving: str, coming: Iterable[Term], at: datetime) -> list[str]:
        """Who serves the rest of a running term: the first coming chairs who can, else the next in the rota who can, else the
        co-chair who stays."""
        gone = {leaving} | {change["for"] for change in term.stand_ins}
        free = {s.entity for s in self.composition.seats if covers(s, at, term.ends)} - gone
        for ahead in coming:
            if able := [code for code in ahead.chairs if code in free]:
                return able
        serving = [code for code in term.serving(at) if code != leaving]
        return self._in_order(free - set(serving), self.last_chaired(before=term.ends.year), at)[:1] or serving[:1]

    def refilled(self, order: Order, year: int, leaving: list[str], declined: Declined, *, keeps_place: bool) -> Order:
        """The adopted order once ``leaving`` have lost their places in ``year``: the next in order who can
        serve moves up, and so on for the place that this leaves, until the rota fills the last one.
        With ``keeps_place`` those who leave have the first place so left which they can serve, or the
        year after the last. A year that no seat can serve is left empty."""
        order = {y: list(chairs) for y, chairs in order.items()}
        claim = leaving if keeps_place else []
        while True:
            staying = [code for code in order[year] if code not in leaving]
            source, movers = self._next_for(order, year, staying, len(leaving), declined)
            order[year] = staying + movers
            if source is None:
                after = max(order) + 1
                if movers and self._can_serve(claim, after, declined):
                    order[after] = claim
                return order
            rest = [code for code in order[source] if code not in movers]
            if self._can_serve(claim, source, declined) and not set(claim) & set(rest):
                order[source] = rest + claim
                return order
            year, leaving = source, movers

    def passed_over(self, order: Order, declined: Declined) -> Order:
        """The adopted order without those whose seats do not hold throughout their years. Beside a co-chair who stays, one moves up for
        each; where nobody stays, all later turns move up in their order, each to the first year it can serve, and the rota gives the
        years so left at the end, as many chairs to each as were lost."""
        order = {y: list(chairs) for y, chairs in order.items()}
        for year in sorted(order):
            gone = [code for code in order[year] if code not in self.queue(year, {})]
            if 0 < len(gone) < len(order[year]):
                order = self.refilled(order, year, gone, declined, keeps_place=False)
        lost = {year: len(order[year]) for year in sorted(order) if not self._can_serve(order[year], year, set())}
        if not lost:
            return order
        places = list(lost.values())
        moving = {year: order.pop(year) for year in sorted(order) if year >= min(lost)}
        turns = [chairs for year, chairs in moving.items() if year not in lost]
        for year in moving:
            turn = next((chairs for chairs in turns if self._can_serve(chairs, year, declined)), None)
            if turn is not None:
                turns.remove(turn)
            else:
                _, turn = self._next_for(order, year, [], places.pop(0), declined)
            order[year] = turn
        return order

    def _next_for(self, order: Order, year: int, staying: list[str], places: int, declined: Declined) -> tuple[int | None, list[str]]:
        """Who takes so many places in a year, and the year of the order they come from; None when they come
        from the rota beyond it. Beside a chair who stays, one moves up; otherwise co-chairs together."""
        last = self.last_chaired(before=min(order, default=year)) | {code: y for y in sorted(order) if y != year for code in order[y]}
        able = [code for code in self.queue(year, last) if code not in staying]
        willing = [code for code in able if (year, code) not in declined]
        for later in sorted(y for y in order if y > year):
            for movers in [[code] for code in order[later]] if staying else [order[later]]:
                if movers and set(movers) <= set(willing):
                    return later, movers
        return None, (willing or ([] if staying else able))[:places]

    def _can_serve(self, codes: list[str], year: int, declined: Declined) -> bool:
        queue = self.queue(year, {})
        return bool(codes) and all(code in queue and (year, code) not in declined for code in codes)

    def _in_order(self, codes: set[str], last: dict[str, int], at: datetime) -> list[str]:
        seated = {s.entity: s.since for s in self.composition.seats if s.holds(at)}
        return sorted(codes, key=lambda code: (last.get(code, 0), seated[code], code))
