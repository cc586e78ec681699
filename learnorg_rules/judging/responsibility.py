"""Who has to act for a subject, and who hears next, on a day."""

from datetime import date

from ..counting.binding import Binding
from ..model.definitions import Rule
from ..org.records import KINDS

__all__ = ["hears_next", "responsible"]


def responsible(binding: Binding, rule: Rule, subject: str, day: date) -> tuple[str, ...]:
    """The units, bodies and persons the rule's `responsible` means for the subject on the day; none where nobody holds it.

    An edge kind means those it joins to the subject: who `chairs` it, `leads` it, ... (and, for a person, the unit
    it is `member_of`). `chairs` of a unit that no one chairs means who chairs the bodies that are part of it. An id means itself, for as long as it lives. Not said: the subject itself.
    """
    if not rule.responsible:
        return (subject,)
    snapshot = binding.organisation.as_of(day)
    if rule.responsible not in KINDS:
        return (rule.responsible,) if snapshot.exists(rule.responsible) else ()
    sources = snapshot.sources(subject, rule.responsible)
    if not sources and rule.responsible == "chairs":  # a unit's group is a body of its own that is part of the unit
        bodies = [b for b in snapshot.sources(subject, "part_of") if binding.organisation.kind(b) == "body"]
        sources = tuple(chair for body in bodies for chair in snapshot.sources(body, "chairs"))
    if sources or rule.responsible not in ("member_of", "part_of", "party_part_of", "reports_to"):
        return tuple(sorted(_through_bodies(binding, sources, day)))
    return tuple(sorted(snapshot.targets(subject, rule.responsible)))


def hears_next(binding: Binding, rule: Rule, subject: str, day: date) -> tuple[str, ...]:
    """Those who hear when the subject fails: along the rule's `escalate` edge, by default who `leads` the subject or,
    where nobody does, what it is part of or a member of.
    """
    snapshot = binding.organisation.as_of(day)
    if rule.escalate:
        found = snapshot.sources(subject, rule.escalate) or snapshot.targets(subject, rule.escalate)
        return tuple(sorted(found))
    leaders = snapshot.sources(subject, "leads")
    if leaders:
        return tuple(sorted(leaders))
    home = snapshot.home(subject) if binding.organisation.kind(subject) == "person" else None
    if home is not None:
        return (home,)
    above = snapshot.ancestors(subject, binding.ruleset.header.roll_up.along)
    return above[:1]


def _through_bodies(binding: Binding, nodes: tuple[str, ...], day: date) -> set[str]:
    """A body acts through its chair: with each body, the persons who chair it."""
    found = set(nodes)
    snapshot = binding.organisation.as_of(day)
    for node in nodes:
        if binding.organisation.kind(node) == "body":
            found.update(snapshot.sources(node, "chairs"))
    return found
