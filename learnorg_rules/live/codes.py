"""What a live assessment may refuse."""

from collections.abc import Mapping

from ..errors import InputError, Issue, Source

__all__ = ["CODES", "refuse", "refuse_another"]

CODES: Mapping[str, tuple[str, str]] = {
    "L101": ("log of another ruleset", "The log was begun with a ruleset of another id. Open it with that one, or begin a new log."),
    "L102": ("period not over", "A period is published when it is over: advance to its last day, or later."),
    "L103": ("period already published", "What was published stays; a correction gives a restatement, not a second publication."),
    "L104": ("no such period", "No rule is judged in a period of this name."),
    "L105": ("publication does not verify", "Computed again from the log and these rules, the results are others: the rules, the organisation or the log are not those of the publication. The hint says which of the first two are others; verify with the files as they were when it was published."),
    "L106": ("day out of order", "Time does not go back, and does not leave the days of the rules. Advance to a later day; results of an earlier one are given by `Live.result(at=...)`."),
    "L107": ("rules that do not judge the day", "Time has passed to a day that these rules do not judge. Give them an `effective` that holds that day, or begin another log for them."),
    "L108": ("other rules or another organisation", "The log was last used with others. What that changes is in `Live.replayed`, each change with the cause rules or organisation, and is restated where it was published."),
    "L109": ("rules or organisation before unknown", "The log was last used with other rules or another organisation, and does not hold them: an older version of this library wrote it, or they mean nothing to this one. What was published is compared with the results of now, and restated; what else changed is not known."),
}  # fmt: skip


def refuse(place: str, code: str, message: str, hint: str = "") -> InputError:
    """The refusal, to be raised."""
    return InputError([Issue(Source(place), code, message, hint)])


def refuse_another(log: str, owner: str, ruleset: str) -> None:
    """Refuse rules of another id than that of the log's (L101).

    Raises:
        InputError: they are.
    """
    if owner != ruleset:
        raise refuse(log, "L101", f"the log is of the ruleset '{owner}', not of '{ruleset}'")
