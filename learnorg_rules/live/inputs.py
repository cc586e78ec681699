"""What results rest on besides events: the rules and the organisation, with their digests, to bytes and back.

A log keeps them, so that results before a change of either can be had again. Nothing in the bytes is ever executed.
"""

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import accumulate, groupby, pairwise
from typing import Any

from attrs import asdict, evolve, frozen

from ..authoring.load import load_again
from ..errors import InputError, Issues, Source
from ..model.ruleset import Ruleset, RuleTexts
from ..org.columns import Days, Records
from ..org.organisation import Organisation
from .plain import digest
from .snapshots import meant, said

__all__ = ["Inputs", "inputs_from"]

PLACE = Source("log")


@frozen(eq=False)
class Inputs:
    """Rules and an organisation; `digests` of what they say, in this order."""

    rules: Ruleset
    org: Organisation
    digests: tuple[str, str]

    @classmethod
    def of(cls, rules: Ruleset, org: Organisation, before: "Inputs | None" = None) -> "Inputs":
        """With their digests, of which those of the same objects in `before` are taken over."""
        rules_digest = before.digests[0] if before is not None and before.rules is rules else _of_rules(rules)
        org_digest = before.digests[1] if before is not None and before.org is org else _of_organisation(org)
        return cls(rules, org, (rules_digest, org_digest))

    def contents(self) -> Mapping[str, bytes]:
        """By digest, what `inputs_from` makes them of again; rules that were not read from files have none."""
        texts = self.rules.texts
        rules = {} if texts is None else {self.digests[0]: _packed(asdict(texts))}
        return {**rules, self.digests[1]: _packed(_columns(self.org))}


def inputs_from(digests: tuple[str, str], rules: bytes | None, org: bytes | None) -> Inputs | None:
    """The inputs of these digests from their contents; None where one is not there or means nothing to this library."""
    if rules is None or org is None:
        return None
    try:
        texts = json.loads(zlib.decompress(rules))
        loaded = load_again(RuleTexts(**{name: [tuple(row) for row in rows] for name, rows in texts.items()}))
        return Inputs(loaded, _organisation(json.loads(zlib.decompress(org))), digests)
    except (InputError, zlib.error, ValueError, TypeError, LookupError):
        return None


def _of_rules(rules: Ruleset) -> str:
    return digest(evolve(rules, folder="", warnings=()))


def _of_organisation(org: Organisation) -> str:
    return digest(org.nodes, org.edges, org.versions)


def _packed(value: object) -> bytes:
    return zlib.compress(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


# ---- the organisation: columns, in which a node is its place among the ids, less that of the row before


def _columns(org: Organisation) -> Mapping[str, Any]:
    nodes, places = org.nodes, {id_: place for place, id_ in enumerate(org.nodes.ids)}

    def steps(ids: Iterable[str]) -> list[int]:
        return [place - before for before, place in pairwise([0, *(places[id_] for id_ in ids)])]

    return {
        "ids": nodes.ids,
        "kinds": [(kind, len(list(run))) for kind, run in groupby(nodes.kinds.values())],
        "names": [dict(nodes.names[place]) for place in range(len(nodes.ids))],
        "dates": _days(nodes.dates),
        "edges": {
            kind: (steps(e.sources), steps(e.targets), _days(e.dates), [(row, dict(own)) for row, own in e.own.items()])
            for kind, e in org.edges.items()
            if e.sources
        },
        "versions": {
            name: (steps(v.nodes), [said(value) for value in v.given], _days(v.dates)) for name, v in org.versions.items()
        },
    }  # fmt: skip


def _organisation(found: Mapping[str, Any]) -> Organisation:
    records, ids, start = Records(), found["ids"], 0

    def nodes(steps: Sequence[int]) -> list[str]:
        return [ids[place] for place in accumulate(steps)]

    for kind, size in found["kinds"]:
        here = slice(start, start + size)
        names = found["names"][here]
        languages = dict.fromkeys(language for name in names for language in name)
        by_language = {language: [name.get(language) for name in names] for language in languages}
        records.nodes.extend(kind, ids[here], by_language, {}, [PLACE] * size)
        start += size
    records.nodes.dates.update(_given_days(found["dates"]))
    for kind, (sources, targets, days, own) in found["edges"].items():
        places = [PLACE] * len(sources)
        records.edges_of(kind).extend(nodes(sources), nodes(targets), _given_days(days), dict(own), places)
    for name, (of, values, days) in found["versions"].items():
        places = [PLACE] * len(of)
        records.versions_of(name).extend(nodes(of), [meant(value) for value in values], _given_days(days), places)
    return Organisation.of_records(records, (), Issues())


def _days(dates: Mapping[int, Days]) -> list[tuple[int, str, str]]:
    return [(row, *("" if day is None else day.isoformat() for day in days)) for row, days in dates.items()]  # type: ignore[misc]


def _given_days(rows: Iterable[tuple[int, str, str]]) -> dict[int, Days]:
    return {
        row: (date.fromisoformat(first) if first else None, date.fromisoformat(last) if last else None)
        for row, first, last in rows
    }
