"""From rows that were read to events that count: `events.settle` on frames, then every event against the rules.

Resends are dropped in columns. Only what is in conflict, corrects, voids, or is corrected or voided goes through
`settle` itself, so there is one meaning and it is not here. An event is checked once it is settled: a resend of an
event that is refused is a resend, and a refused correction has still taken the place of what it corrects.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any

import polars as pl
from attrs import field, frozen

from ..events.event import Event, known_until
from ..events.settle import settle
from ..model.ruleset import Ruleset
from ..org.organisation import Organisation
from ..texts import difference, same_looking
from .ingest_checks import ABSENT, Aside, Checks, Faults
from .port import ENVELOPE, REJECTED, Read

__all__ = ["COUNTS", "PLACES", "Ingested", "ingest", "local_days", "refusals", "surplus_notes"]

COUNTS = ("duplicate", "conflicting", "rejected", "superseded", "voided", "voids", "not_yet_known", "accepted")
"""What can become of a row; together they are `read`, the rows there were."""

PLACES = (":kind", ":unit", ":counts")
"""Columns beside those that were read: places of kind and unit in `places_of` (null: unknown), and whether the row counts.

No field can be called so: columns of ours that stand beside fields have a colon.
"""

SHOWN = 5  # pairs of ids that look the same
_PLACE = ("file", "row")
_KEEPS = ("source", "id", "recorded_at", *_PLACE)  # columns that are not content


@frozen
class Ingested:
    """The events that count, those that do not, and how many there were of each sort.

    Attributes:
        rows: all rows that were read, as `Read.frame`, with `date`, the local day of `occurred_at`, and `PLACES`.
        rejected: the `REJECTED` columns, by file and row; each event that cannot be used, with the reason.
        counts: "read" and the number of rows for each of `COUNTS`, which add up to it. "conflicting" and "rejected"
            rows are those in `rejected`; "voids" are those that took an event back, which is "voided".
        notes: findings about the events as a whole, for people.
        aside: the rows that were read and do not count, but for resends: as `frame`, with `state` (one of `COUNTS`),
            `code` and `reason` (null where the state says it all). For explanations.
        surplus: by kind and field, the values of fields that the kind does not take; `notes` say so.
        refused: the rows, as they were read, that rules or organisation refuse.
    """

    rows: pl.DataFrame
    rejected: pl.DataFrame
    counts: Mapping[str, int]
    notes: tuple[str, ...] = ()
    aside: pl.DataFrame | None = None
    files: tuple[str, ...] = ()
    surplus: Mapping[tuple[str, str], int] = field(factory=dict)
    refused: pl.DataFrame | None = None

    @cached_property
    def frame(self) -> pl.DataFrame:
        """The events that count: as `Read.frame`, with `date`; in no order. Copied when it is first asked for."""
        return self.rows.filter(":counts").drop(PLACES)

    def lazy(self) -> pl.LazyFrame:
        """The events that count, with `PLACES`; of them no more is copied than is asked for."""
        return self.rows.lazy().filter(":counts")

    @property
    def days(self) -> pl.Series:
        """The local days of the events that count; in no order."""
        return self.rows["date"].filter(self.rows[":counts"])

    def events(self) -> Iterator[tuple[Event, date]]:
        """The events that count, each with its local day."""
        fields = _fields(self.frame, "date")
        return ((_event(row, fields), row["date"]) for row in self.frame.iter_rows(named=True))


def ingest(
    read: Read, ruleset: Ruleset, organisation: Organisation, known_at: date | datetime | None = None
) -> Ingested:
    """The events that count under the rules, in the organisation, by what was known at `known_at`.

    Raises:
        ValueError: `known_at` is a datetime without time zone.
    """
    frame = read.frame
    state = pl.Series("state", [None], dtype=pl.Enum(COUNTS)).new_from_index(0, frame.height)
    until = known_until(known_at, ruleset.time_zone)
    if until is not None:
        late = (frame["recorded_at"].fill_null(frame["occurred_at"]) > until).arg_true()
        state = state.scatter(late, "not_yet_known")
    aside = Aside([])
    state = _settled(frame, state, aside)
    settled = len(aside.found)
    days = local_days(frame["occurred_at"], ruleset.header.time_zone)
    live = state.is_null()
    notes = [] if live.any() or frame.height == 0 else ["no event counts"]
    checks = Checks(frame, days, live, ruleset, organisation, aside)
    surplus = checks.run()
    notes += _same_looking(frame)
    notes += surplus_notes(surplus)
    notes += [f"column '{name}' is not declared and was not read" for name in read.undeclared]
    refused = pl.Series(sorted({row for row, code, _ in aside.found if code != "V401"}), dtype=pl.UInt32)
    state = state.scatter(refused, "rejected") if len(refused) else state
    accepted = state.is_null()
    result = frame.with_columns(days.alias("date"))
    rows = result.with_columns(checks.kind.alias(":kind"), checks.unit.alias(":unit"), accepted.alias(":counts"))
    counts = {"read": read.rows, **dict.fromkeys(COUNTS, 0)}
    gone_rows, unfit, faults = None, None, aside.faults()
    if len(aside.found) > settled:
        unfit = frame[sorted({row for row, _, _ in aside.found[settled:]})]
    if not accepted.all():
        gone_rows = _gone(result, state, faults)
        gone = state.drop_nulls().value_counts()
        counts.update(zip(gone["state"].cast(pl.String), gone["count"], strict=True))
    counts["rejected"] += read.rejected.height
    counts["accepted"] = int(accepted.sum())
    return Ingested(rows, _rejected(read, faults), counts, tuple(notes), gone_rows, read.files, surplus, unfit)


def _same_looking(frame: pl.DataFrame) -> list[str]:
    """What is said of ids of one source that differ and look the same. Of ids in ASCII without blanks nothing is looked at."""
    ids = frame["id"]
    if ids.str.len_bytes().sum() == ids.str.len_chars().sum() and not ids.str.contains(" ", literal=True).any():
        return []
    by_source = frame.select("source", "id").unique().sort("id").group_by("source", maintain_order=True)
    pairs = sorted(pair for _, rows in by_source for pair in same_looking(rows["id"]))
    said = [f"events '{a}' and '{b}' look the same and are two: {difference(a, b)}" for a, b in pairs[:SHOWN]]
    return said + ([f"and {len(pairs) - SHOWN} more pairs of events that look the same"] if len(pairs) > SHOWN else [])


def surplus_notes(surplus: Mapping[tuple[str, str], int]) -> list[str]:
    """What is said of values of fields that their kind does not take."""
    return [
        f"kind '{kind}': {count} of a person on a day outside their time, which count for the unit only"
        if name == ABSENT
        else f"kind '{kind}' does not take '{name}': {count} values are not looked at"
        for (kind, name), count in surplus.items()
    ]


def refusals(frame: pl.DataFrame, ruleset: Ruleset, organisation: Organisation) -> Mapping[int, tuple[str, str]]:
    """Code and reason of each row of a `Read.frame` that rules or organisation refuse, each row taken alone."""
    aside = Aside([])
    live = pl.repeat(True, frame.height, dtype=pl.Boolean(), eager=True)
    days = local_days(frame["occurred_at"], ruleset.header.time_zone)
    Checks(frame, days, live, ruleset, organisation, aside).run()
    return aside.faults()


def local_days(instants: pl.Series, time_zone: str) -> pl.Series:
    """The local day of each instant."""
    local = instants if time_zone == "UTC" else instants.dt.convert_time_zone(time_zone)
    return local.dt.date()


# ---- resends, conflicts, corrections, voids


def _settled(frame: pl.DataFrame, state: pl.Series, aside: Aside) -> pl.Series:
    """The state of every row that does not count because of other rows; what is set aside is in `aside`."""
    unknown_yet = state.is_not_null()
    # Equal hashes only say where to look: two ids that share one are told apart below.
    key = frame["id"].hash()
    if not (frame["source"] == "").all():
        key = key ^ (frame["source"].hash(1) * 3)
    again = _repeated(key)
    special = frame["corrects"].is_not_null() | frame["voids"].is_not_null()
    some_special = special.any()
    if not again.any() and not some_special:
        return state
    places = pl.int_range(frame.height, dtype=pl.UInt32, eager=True).alias(":at")
    rows = frame.with_columns(places)
    known = pl.col("recorded_at").fill_null(pl.col("occurred_at")).alias(":known")
    suspects = rows.filter(again & ~unknown_yet).with_columns(known)
    content = [name for name in frame.columns if name not in _KEEPS]
    order = [":known", pl.col("recorded_at").is_not_null(), *_PLACE]
    kept = suspects.sort(order).unique(["source", "id", *content], keep="first", maintain_order=True)
    state = state.scatter(suspects[":at"].filter(~suspects[":at"].is_in(kept[":at"].implode())), "duplicate")
    conflict = kept.filter(kept.select(pl.struct("source", "id").is_duplicated()).to_series())
    if not some_special and not conflict.height:
        return state
    single = rows.filter(state.is_null() & ~places.is_in(conflict[":at"].implode())).with_columns(known)
    asking = single.filter(pl.col("corrects").is_not_null() | pl.col("voids").is_not_null())
    named = asking.select("source", id=pl.coalesce("corrects", "voids"))
    both = asking.select("source", id="voids").drop_nulls()
    targets = single.join(pl.concat([named, both]).unique(), on=["source", "id"], how="semi")
    return _by_definition(pl.concat([conflict, asking, targets]).unique(":at"), state, aside)


def _repeated(keys: pl.Series) -> pl.Series:
    """Which keys are there more than once. Sorting integers takes a third of the time that grouping them does."""
    ordered = keys.sort(multithreaded=False)  # with two threads it takes half as much again, and no less time
    return keys.is_in(ordered.filter(ordered == ordered.shift()).unique().implode())


def _fields(frame: pl.DataFrame, *besides: str) -> list[str]:
    return [name for name in frame.columns if name not in (*ENVELOPE, *_PLACE, *besides)]


def _event(row: Mapping[str, Any], fields: Sequence[str]) -> Event:
    own = {name: row[name] for name in ENVELOPE} | {"occurred_at": row["occurred_at"].astimezone(UTC)}
    return Event(**own, fields={name: row[name] for name in fields if row[name] is not None})


def _by_definition(rows: pl.DataFrame, state: pl.Series, aside: Aside) -> pl.Series:
    """What `settle` says of these rows, among which no two are alike."""
    fields = _fields(rows, ":at", ":known")
    events: list[Event] = []
    at: dict[int, int] = {}
    for row in rows.iter_rows(named=True):
        event = _event(row, fields)
        events.append(event)
        at[id(event)] = row[":at"]  # `settle` gives back the very events it was given
    settled = settle(events)
    for name, gone in (("superseded", settled.superseded), ("voided", settled.voided), ("voids", settled.voids)):
        state = state.scatter([at[id(event)] for event in gone], name)
    for event, code, reason in settled.set_aside:
        aside.found.append((at[id(event)], code, reason))
    conflicts = [at[id(event)] for event, code, _ in settled.set_aside if code == "V401"]
    others = [at[id(event)] for event, code, _ in settled.set_aside if code != "V401"]
    return state.scatter(conflicts, "conflicting").scatter(others, "rejected")


# ---- what is said of rows that do not count


def _gone(frame: pl.DataFrame, state: pl.Series, faults: Faults) -> pl.DataFrame:
    """The rows that do not count, but for resends, with `state`, `code` and `reason`."""
    rows = pl.Series(list(faults), dtype=pl.UInt32)
    codes, reasons = [code for code, _ in faults.values()], [reason for _, reason in faults.values()]
    said = pl.DataFrame({":at": rows, "code": codes, "reason": reasons})
    gone = state.is_not_null() & (state != "duplicate")
    places = pl.int_range(frame.height, dtype=pl.UInt32, eager=True).alias(":at")
    found = frame.drop("code", "reason", strict=False)  # fields of that name: what is said of the row goes before
    found = found.with_columns(places, state.alias("state")).filter(gone).with_columns(pl.col("state").cast(pl.String))
    typed = said.cast(pl.Schema({":at": pl.UInt32(), "code": pl.String(), "reason": pl.String()}))
    return found.join(typed, on=":at", how="left", maintain_order="left").drop(":at")


def _rejected(read: Read, faults: Faults) -> pl.DataFrame:
    """All rows put aside, by file and row."""
    if not faults:
        return read.rejected
    rows = pl.Series(list(faults), dtype=pl.UInt32)
    place = read.frame[rows.to_list()].select("file", pl.col("row").cast(pl.Int64), "id")
    names = pl.Series(read.files, dtype=pl.String)
    found = pl.DataFrame(
        {
            "file": names.gather(place["file"]),
            "row": place["row"],
            "id": place["id"],
            "code": [code for code, _ in faults.values()],
            "reason": [reason for _, reason in faults.values()],
        },
        schema=dict(REJECTED),
    )
    order = {name: i for i, name in enumerate(read.files)}
    both = pl.concat([read.rejected, found])
    number = both["file"].replace_strict(order, default=len(order), return_dtype=pl.UInt32)
    return both.with_columns(number.alias("_file")).sort("_file", "row", "code").drop("_file")
