"""What a live assessment may refuse."""

from collections.abc import Mapping

from ..errors import InputError, Issue, Source

__all__ = ["CODES", "refuse"]

CODES: Mapping[str, tuple[str, str]] = {
    "L101": ("log of another ruleset", "The log was begun with a ruleset of another id. Open it with that one, or begin a new log."),
    "L102": ("period not over", "A period is published when it is over: advance to its last day, or later."),
    "L103": ("period already published", "What was published stays; a correction gives a restatement, not a second publication."),
    "L104": ("no such period", "No rule is judged in a period of this name."),
    "L105": ("publication does not verify", "Computed again from the log and these rules, the results are others: the rules, the organisation or the log are not those of the publication. The hint says which of the first two are others; verify with the files as they were when it was published."),
    "L106": ("day out of order", "Time does not go back, and does not leave the days of the rules. Advance to a later day; results of an earlier one are given by `Live.result(at=...)`."),
}  # fmt: skip


def refuse(place: str, code: str, message: str, hint: str = "") -> InputError:
    """The refusal, to be raised."""
    return InputError([Issue(Source(place), code, message, hint)])
