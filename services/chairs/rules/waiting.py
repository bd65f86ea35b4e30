"""What awaits an entity, or the secretariat: what it may do, by when, and what happens if it does nothing."""

from datetime import datetime
from typing import Any

from services.chairs.rules.group import Group
from services.chairs.rules.handover import Handover
from services.chairs.rules.rights import RIGHTS, ToGroup
from services.kernel import Actor, year_begins

Item = dict[str, Any]


def awaiting(group: Group, entity: str | None, by: Actor, at: datetime) -> dict[str, Any]:
    """What awaits an entity here. Without one: the asker's own, or what awaits the secretariat. Nothing awaits who is outside the
    Group."""
    if entity is not None:
        RIGHTS.must("awaiting.entity", ToGroup(by, at, group.composition, own=[entity]))
    asked = entity or by.entity
    if not group.composition.is_inside(by, at):
        items = []
    elif entity is None and by.is_secretariat:
        items = _of_the_secretariat(group, at)
    else:
        items = _of_an_entity(group, asked, at) if asked else []
    return {"items": sorted(items, key=lambda item: (item["deadline"], item["what"]))}


def _of_an_entity(group: Group, entity: str, at: datetime) -> list[Item]:
    terms = [
        _item(
            "accept_term",
            f"Accept or decline the chair of {term.year}",
            term.begins,
            ("term_begins", f"The term begins by itself, with {entity} in the chair."),
            term.year,
            link=f"/chairs/terms/{term.year}",
        )
        for term in group.coming(at)
        if entity in term.chairs and entity not in term.accepted
    ]
    swaps = [
        _item(
            "agree_swap",
            f"{s.entity} asks to exchange its year {s.year} for your {s.with_year}",
            year_begins(min(s.year, s.with_year)),
            ("swap_lapses", "The request lapses and the years stay as they are."),
            s.with_year,
            link="/chairs/rota",
            swap=s.id,
            with_entity=s.entity,
        )
        for s in group.swaps
        if s.with_entity == entity and group.is_open(s, at)
    ]
    offers = [
        _item(
            "co_chair",
            f"{offer.entity} would co-chair {offer.year} with you",
            year_begins(offer.year),
            ("offer_lapses", "The offer lapses and the year stays as it is."),
            offer.year,
            link=f"/chairs/terms/{offer.year}",
            with_entity=offer.entity,
        )
        for offer in group.open_offers(at)
        if offer.with_entity == entity
    ]
    handovers = [
        _item(
            "sign_handover",
            f"Sign the handover to the chairs of {handover.year}",
            handover.at,
            ("handover_escalated", "The secretariat is told who has not signed; the term begins all the same."),
            handover.year,
            link=f"/chairs/handovers/{handover.year}",
        )
        for handover in _unsigned(group, at)
        if entity in handover.unsigned(group.composition)
    ]
    return terms + swaps + offers + handovers


def _of_the_secretariat(group: Group, at: datetime) -> list[Item]:
    items = [
        _item(
            "sign_handover",
            f"The handover to the chairs of {handover.year} is not signed by {' and '.join(missing)}",
            handover.at,
            ("handover_unsigned", "It stays unsigned; the term has begun all the same."),
            handover.year,
            link=f"/chairs/handovers/{handover.year}",
        )
        for handover in _unsigned(group, at)
        if at >= handover.at and (missing := handover.unsigned(group.composition))
    ]
    if group.composition.seated(at) and group.composition.term(at.year + 1) is None:
        items.append(
            _item(
                "adopt_rota",
                f"Nobody is adopted for {at.year + 1}",
                year_begins(at.year + 1),
                ("year_without_chair", "The year begins without a chair; the clock invents none."),
                at.year + 1,
                link="/chairs/rota",
            )
        )
    if group.composition.seated(at) and not group.composition.chairs(at):
        items.append(
            _item(
                "record_term",
                f"No chair is on record for {at.year}",
                year_begins(at.year + 1),
                ("year_unknown", "The year stays unknown."),
                at.year,
                link=f"/chairs/terms/{at.year}",
            )
        )
    return items


def _unsigned(group: Group, at: datetime) -> list[Handover]:
    """The handovers that may be signed and are not, to the chairs of the coming year or of the present one: further back, it is
    history."""
    near = [handover for handover in group.handovers.values() if handover.year >= at.year]
    return [handover for handover in near if handover.state(group.composition, at) in ("open", "escalated")]


def _item(what: str, title: str, deadline: datetime, consequence: tuple[str, str], year: int, *, link: str, **more: Any) -> Item:
    """``consequence``: the stable word for it, and the sentence."""
    code, sentence = consequence
    told = {"consequence_code": code, "consequence": sentence}
    return {"what": what, "title": title, "link": link, "deadline": deadline, "year": year} | told | more
