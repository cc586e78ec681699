"""Changes as CloudEvents 1.0, for whatever listens."""

from typing import Any

from ..judging.changes import Change
from .codec import plain_record
from .plain import plain

__all__ = ["cloudevent"]


def cloudevent(change: Change, ruleset: str) -> dict[str, Any]:
    """The change as a CloudEvent in JSON's types. `id` is its place in the log, so a replay gives the same event again.

    It has no `time`: what counts is `data.at`, the day judged.
    """
    seq, number = change.position
    return {
        "specversion": "1.0",
        "id": f"{seq}.{number}",
        "source": f"learnorg:{ruleset}",
        "type": f"learnorg.{change.kind}.changed",
        "subject": change.subject,
        "datacontenttype": "application/json",
        "data": {
            "at": plain(change.at), "kind": change.kind, "rule": change.rule, "period": change.period,
            "cause": plain(change.cause), "old": plain_record(change.old), "new": plain_record(change.new),
        },
    }  # fmt: skip
