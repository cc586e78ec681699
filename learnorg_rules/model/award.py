"""What an award means: ranks with declared ties, and as many of the best as the quota allows."""

import enum
from collections.abc import Sequence

from attrs import frozen

__all__ = ["Candidate", "Grant", "Ranked", "grant", "rank"]


@frozen
class Candidate:
    """Who may get it, and by what is ranked: one key per entry of `rank_by`, None where it is missing."""

    subject: str
    keys: Sequence[object]


@frozen
class Ranked:
    """A candidate in order. Two with equal keys share a rank. `rank` is None where a key is missing."""

    subject: str
    rank: int | None
    keys: Sequence[object]


class Grant(enum.StrEnum):
    """What became of a candidate."""

    GRANTED = "granted"
    NOT_GRANTED = "not_granted"
    TIED = "tied"  # across the quota line, and the rule grants none of the tied or leaves it to a person
    UNRANKED = "unranked"  # a key is missing
    PROVISIONAL = "provisional"  # the period is not over, so nobody has it yet
    UNDECIDED = "undecided"  # the quota is no number that can be a quota


def rank(candidates: Sequence[Candidate], descending: Sequence[bool], ranking: str) -> list[Ranked]:
    """The candidates from the best, equal keys side by side in order of id; those that cannot be ranked last.

    Args:
        candidates: in any order.
        descending: for each key, whether more is better.
        ranking: "competition" (1, 1, 3) or "dense" (1, 1, 2).
    """
    able = sorted((c for c in candidates if None not in c.keys), key=lambda c: c.subject)
    for position in reversed(range(len(descending))):  # stable sorts, the last key first
        able.sort(key=lambda c: c.keys[position], reverse=descending[position])  # type: ignore[arg-type,return-value]
    ranked: list[Ranked] = []
    distinct = 0
    for i, c in enumerate(able):
        if i and list(c.keys) == list(able[i - 1].keys):
            number = ranked[-1].rank
        else:
            distinct += 1
            number = i + 1 if ranking == "competition" else distinct
        ranked.append(Ranked(c.subject, number, c.keys))
    unable = sorted((c for c in candidates if None in c.keys), key=lambda c: c.subject)
    return ranked + [Ranked(c.subject, None, c.keys) for c in unable]


def grant(ranked: Sequence[Ranked], quota: int | None, ties: str) -> list[Grant]:
    """Who of the ranked gets it, in the same order.

    Args:
        ranked: as `rank` gives them.
        quota: how many at most; None for all.
        ties: where candidates of one rank stand on both sides of the quota line: "admit_all" grants all of them,
            "leave_empty" and "refuse" none (the caller reports a refusal).
    """
    able = [r for r in ranked if r.rank is not None]
    if quota is None or quota >= len(able):
        return [Grant.UNRANKED if r.rank is None else Grant.GRANTED for r in ranked]
    line = able[quota - 1].rank if quota else None
    split = line is not None and able[quota].rank == line
    outcome: list[Grant] = []
    for i, r in enumerate(ranked):
        if r.rank is None:
            outcome.append(Grant.UNRANKED)
        elif split and r.rank == line:
            outcome.append(Grant.GRANTED if ties == "admit_all" else Grant.TIED)
        else:
            outcome.append(Grant.GRANTED if i < quota else Grant.NOT_GRANTED)
    return outcome
