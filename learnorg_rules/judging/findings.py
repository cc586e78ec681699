"""Findings about persons: one for each cause and unit, however many persons it concerns."""

from collections.abc import Iterable

from attrs import frozen

from ..errors import Issue

__all__ = ["WHO", "PersonIssue", "merged"]

WHO = "{who}"
"""Where a message names whom it is about."""


@frozen(order=True)
class PersonIssue(Issue):
    """A finding about a person of a unit. `about`: its message without what is the person's own, `WHO` for the person."""

    unit: str = ""
    person: str = ""
    about: str = ""


def merged(issues: Iterable[Issue]) -> list[Issue]:
    """The findings, those with one cause about persons of one unit as one, in the place of the first."""
    found: list[Issue] = []
    places: dict[tuple[object, ...], int] = {}
    persons: dict[int, set[str]] = {}
    for issue in issues:
        if isinstance(issue, PersonIssue):
            place = places.setdefault((issue.source, issue.code, issue.unit, issue.about, issue.hint), len(found))
            persons.setdefault(place, set()).add(issue.person)
            if place < len(found):
                continue
        found.append(issue)
    for place, of_unit in persons.items():
        first = found[place]
        assert isinstance(first, PersonIssue)
        message = first.message
        if len(of_unit) > 1:
            message = first.about.replace(
                WHO, f"{len(of_unit)} persons {f'of {first.unit}' if first.unit else 'of no unit'}"
            )
        found[place] = Issue(first.source, first.code, message, first.hint, first.severity)
    return found
