"""Findings about subjects: one for each cause and unit, however many persons and rules it concerns."""

from collections.abc import Iterable

from attrs import frozen

from ..errors import Issue

__all__ = ["WHAT", "WHO", "SubjectIssue", "merged"]

WHO, WHAT = "{who}", "{what}"
"""Where a message names whom it is about, and what rests on it."""
_MOST_NAMED = 5


@frozen(order=True)
class SubjectIssue(Issue):
    """A finding about a unit, or a person of it. In `message` and `about` stand `WHO` and `WHAT`.

    `about`: the message without what is the person's own. `person`: "" for the unit itself. `what`, `period`: what rests on it,
    and in which period. `cause`: what else tells causes apart, such as the period in which it arose.
    """

    unit: str = ""
    person: str = ""
    about: str = ""
    what: str = ""
    period: str = ""
    cause: str = ""


def merged(issues: Iterable[Issue]) -> list[Issue]:
    """The findings, those with one cause about one unit, or about persons of one, as one in the place of the first."""
    found: list[Issue] = []
    groups: dict[tuple[object, ...], tuple[int, dict[str, None], dict[tuple[str, str], None]]] = {}
    for issue in issues:
        if isinstance(issue, SubjectIssue):
            key = (issue.source, issue.code, issue.unit, issue.person == "", issue.about, issue.hint, issue.cause)
            place, persons, whats = groups.setdefault(key, (len(found), {}, {}))
            persons[issue.person] = whats[issue.what, issue.period] = None
            if place < len(found):
                continue
        found.append(issue)
    for place, persons, whats in groups.values():
        first = found[place]
        assert isinstance(first, SubjectIssue)
        message, who = first.message, first.person or first.unit
        if len(persons) > 1:
            message, who = first.about, f"{len(persons)} persons {f'of {first.unit}' if first.unit else 'of no unit'}"
        named: dict[str, list[str]] = {}
        for name, period in list(whats)[:_MOST_NAMED]:
            named.setdefault(period, []).append(name)
        what = "; ".join(f"{', '.join(names)} in {period}" for period, names in named.items())
        what += f" and {len(whats) - _MOST_NAMED} more" if len(whats) > _MOST_NAMED else ""
        said = message.replace(WHO, who).replace(WHAT, what)
        found[place] = Issue(first.source, first.code, said, first.hint, first.severity)
    return found
