"""From rows that were read to events that count: `events.settle` on frames, then every event against the rules.

Resends are dropped in columns. Only what is in conflict, corrects, voids, or is corrected or voided goes through
`settle` itself, so there is one meaning and it is not here. An event is checked once it is settled: a resend of an
event that is refused is a resend, and a refused correction has still taken the place of what it corrects.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

import polars as pl
from attrs import define, field, frozen

from ..errors import did_you_mean
from ..events.event import Event, known_until
from ..events.settle import settle
from ..model.definitions import FieldType
from ..model.ruleset import Ruleset
from ..org.organisation import Organisation
from ..periods import ONE_DAY
from ..values import to_decimal
from .port import ENVELOPE, REJECTED, Read

__all__ = ["COUNTS", "Ingested", "ingest", "local_days", "refusals", "surplus_notes"]

COUNTS = ("duplicate", "conflicting", "rejected", "superseded", "voided", "voids", "not_yet_known", "accepted")
"""What can become of a row; together they are `read`, the rows there were."""

HINTS = 10  # unknown names for which the nearest known one is looked up: each takes 2 ms among 400 names
_PLACE = ("file", "row")
_KEEPS = ("source", "id", "recorded_at", *_PLACE)  # columns that are not content


@frozen
class Ingested:
    """The events that count, those that do not, and how many there were of each sort.

    Attributes:
        frame: as `Read.frame`, with `date`, the local day of `occurred_at`; in no order.
        rejected: the `REJECTED` columns, by file and row; each event that cannot be used, with the reason.
        counts: "read" and the number of rows for each of `COUNTS`, which add up to it. "conflicting" and "rejected"
            rows are those in `rejected`; "voids" are those that took an event back, which is "voided".
        notes: findings about the events as a whole, for people.
        aside: the rows that were read and do not count, but for resends: as `frame`, with `state` (one of `COUNTS`),
            `code` and `reason` (null where the state says it all). For explanations.
        surplus: by kind and field, the values of fields that the kind does not take; `notes` say so.
        refused: the rows, as they were read, that rules or organisation refuse.
    """

    frame: pl.DataFrame
    rejected: pl.DataFrame
    counts: Mapping[str, int]
    notes: tuple[str, ...] = ()
    aside: pl.DataFrame | None = None
    files: tuple[str, ...] = ()
    surplus: Mapping[tuple[str, str], int] = field(factory=dict)
    refused: pl.DataFrame | None = None

    def events(self) -> Iterator[tuple[Event, date]]:
        """The events that count, each with its local day."""
        fields = _fields(self.frame, "date")
        return ((_event(row, fields), row["date"]) for row in self.frame.iter_rows(named=True))


@define
class _Aside:
    """Collects the rows that are put aside: number of the row in the frame, code, reason."""

    found: list[tuple[int, str, str]]

    def add(self, rows: pl.Series, code: str, reasons: Sequence[str] | str) -> None:
        texts = [reasons] * len(rows) if isinstance(reasons, str) else reasons
        self.found += zip(rows.to_list(), [code] * len(rows), texts, strict=True)


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
    aside = _Aside([])
    state = _settled(frame, state, aside)
    settled = len(aside.found)
    days = local_days(frame["occurred_at"], ruleset.header.time_zone)
    live = state.is_null()
    notes = [] if live.any() or frame.height == 0 else ["no event counts"]
    checks = _Checks(frame, days, live, ruleset, organisation, aside)
    surplus = checks.run()
    notes += surplus_notes(surplus)
    notes += [f"column '{name}' is not declared and was not read" for name in read.undeclared]
    refused = pl.Series(sorted({row for row, code, _ in aside.found if code != "V401"}), dtype=pl.UInt32)
    state = state.scatter(refused, "rejected") if len(refused) else state
    accepted = state.is_null()
    result = frame.with_columns(days.alias("date"))
    counts = {"read": read.rows, **dict.fromkeys(COUNTS, 0)}
    gone_rows, unfit = None, None
    if len(aside.found) > settled:
        unfit = frame[sorted({row for row, _, _ in aside.found[settled:]})]
    if not accepted.all():
        gone_rows = _gone(result, state, aside)
        result = result.filter(accepted)
        gone = state.drop_nulls().value_counts()
        counts.update(zip(gone["state"].cast(pl.String), gone["count"], strict=True))
    counts["rejected"] += read.rejected.height
    counts["accepted"] = result.height
    return Ingested(result, _rejected(read, aside), counts, tuple(notes), gone_rows, read.files, surplus, unfit)


def surplus_notes(surplus: Mapping[tuple[str, str], int]) -> list[str]:
    """What is said of values of fields that their kind does not take."""
    return [
        f"kind '{kind}' does not take '{name}': {count} values are not looked at"
        for (kind, name), count in surplus.items()
    ]


def refusals(frame: pl.DataFrame, ruleset: Ruleset, organisation: Organisation) -> Mapping[int, tuple[str, str]]:
    """Code and reason of each row of a `Read.frame` that rules or organisation refuse, each row taken alone."""
    aside = _Aside([])
    live = pl.repeat(True, frame.height, dtype=pl.Boolean(), eager=True)
    days = local_days(frame["occurred_at"], ruleset.header.time_zone)
    _Checks(frame, days, live, ruleset, organisation, aside).run()
    codes, reasons = _by_row(aside)
    return {row: (code, "; ".join(reasons[row])) for row, code in codes.items()}


def local_days(instants: pl.Series, time_zone: str) -> pl.Series:
    """The local day of each instant."""
    local = instants if time_zone == "UTC" else instants.dt.convert_time_zone(time_zone)
    return local.dt.date()


# ---- resends, conflicts, corrections, voids


def _settled(frame: pl.DataFrame, state: pl.Series, aside: _Aside) -> pl.Series:
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
    places = pl.int_range(frame.height, dtype=pl.UInt32, eager=True).alias("_at")
    rows = frame.with_columns(places, _known=pl.col("recorded_at").fill_null(pl.col("occurred_at")))
    suspects = rows.filter(again & ~unknown_yet)
    content = [name for name in frame.columns if name not in _KEEPS]
    order = ["_known", pl.col("recorded_at").is_not_null(), *_PLACE]
    kept = suspects.sort(order).unique(["source", "id", *content], keep="first", maintain_order=True)
    state = state.scatter(suspects["_at"].filter(~suspects["_at"].is_in(kept["_at"].implode())), "duplicate")
    conflict = kept.filter(kept.select(pl.struct("source", "id").is_duplicated()).to_series())
    if not some_special and not conflict.height:
        return state
    single = rows.filter(state.is_null() & ~places.is_in(conflict["_at"].implode()))
    asking = single.filter(pl.col("corrects").is_not_null() | pl.col("voids").is_not_null())
    named = asking.select("source", id=pl.coalesce("corrects", "voids"))
    both = asking.select("source", id="voids").drop_nulls()
    targets = single.join(pl.concat([named, both]).unique(), on=["source", "id"], how="semi")
    return _by_definition(pl.concat([conflict, asking, targets]).unique("_at"), state, aside)


def _repeated(keys: pl.Series) -> pl.Series:
    """Which keys are there more than once. Sorting integers takes a third of the time that grouping them does."""
    ordered = keys.sort()
    return keys.is_in(ordered.filter(ordered == ordered.shift()).unique().implode())


def _fields(frame: pl.DataFrame, *besides: str) -> list[str]:
    return [name for name in frame.columns if name not in (*ENVELOPE, *_PLACE, *besides)]


def _event(row: Mapping[str, Any], fields: Sequence[str]) -> Event:
    own = {name: row[name] for name in ENVELOPE} | {"occurred_at": row["occurred_at"].astimezone(UTC)}
    return Event(**own, fields={name: row[name] for name in fields if row[name] is not None})


def _by_definition(rows: pl.DataFrame, state: pl.Series, aside: _Aside) -> pl.Series:
    """What `settle` says of these rows, among which no two are alike."""
    fields = _fields(rows, "_at", "_known")
    events: list[Event] = []
    at: dict[int, int] = {}
    for row in rows.iter_rows(named=True):
        event = _event(row, fields)
        events.append(event)
        at[id(event)] = row["_at"]  # `settle` gives back the very events it was given
    settled = settle(events)
    for name, gone in (("superseded", settled.superseded), ("voided", settled.voided), ("voids", settled.voids)):
        state = state.scatter([at[id(event)] for event in gone], name)
    for event, code, reason in settled.set_aside:
        aside.found.append((at[id(event)], code, reason))
    conflicts = [at[id(event)] for event, code, _ in settled.set_aside if code == "V401"]
    others = [at[id(event)] for event, code, _ in settled.set_aside if code != "V401"]
    return state.scatter(conflicts, "conflicting").scatter(others, "rejected")


# ---- against rules and organisation


@define
class _Checks:
    """Looks for events that rules or organisation do not allow: whole columns first, single rows where needed."""

    frame: pl.DataFrame
    days: pl.Series
    live: pl.Series
    ruleset: Ruleset
    organisation: Organisation
    aside: _Aside

    def run(self) -> dict[tuple[str, str], int]:
        """Put aside what is wrong, and count the values of fields that their kind does not take."""
        kinds = tuple(self.ruleset.events)
        units = (*self.organisation.units, *self.organisation.bodies)  # a body holds meetings and hears reports
        persons = self.organisation.persons
        kind = self._names("kind", kinds, "V501", "there is no kind of event '{}'")
        unit = self._names("unit", units, "V502", "there is no unit '{}'")
        self._lives(unit, units)
        if (
            self.ruleset.header.records.unknown_person != "accept"
            and self.frame["person"].null_count() < self.frame.height
        ):
            self._names("person", persons, "V504", "there is no person '{}'")
        surplus = self._fields(kind)
        for name, type_ in self.ruleset.fields.items():
            if name in self.frame.columns and name not in ENVELOPE:
                self._range(name, type_, kind)
                self._options(name, type_, kind)
        return surplus

    def _names(self, column: str, known: Sequence[str], code: str, message: str) -> pl.Series:
        """The numbers of the names among the known ones; null, and put aside, where one is not among them."""
        names = self.frame[column]
        numbers = names.cast(pl.Enum(list(known)), strict=False).to_physical()
        if numbers.null_count() > names.null_count():
            rows = (self.live & numbers.is_null() & names.is_not_null()).arg_true()
            unknown = names.gather(rows).to_list()
            said: dict[str, str] = {}
            for name in sorted(set(unknown)):
                hint = did_you_mean(name, known) if len(said) < HINTS else ""
                said[name] = message.format(name) + (f" ({hint})" if hint else "")
            self.aside.add(rows, code, [said[name] for name in unknown])
        return numbers

    def _lives(self, unit: pl.Series, units: Sequence[str]) -> None:
        lives = [self.organisation.life(name) for name in units]
        if all(life == (date.min, date.max) for life in lives):
            return
        first = pl.Series([life[0] for life in lives], dtype=pl.Date)
        end = pl.Series([life[1] for life in lives], dtype=pl.Date)
        day = self.days
        outside = ((day < first.gather(unit)) | (day >= end.gather(unit))).fill_null(False)
        if not outside.any():
            return
        rows = (self.live & outside).arg_true()
        reasons = []
        for at in rows:
            name, on = self.frame["unit"][at], day[at]
            from_, to = self.organisation.life(name)
            when = f"began on {from_}" if on < from_ else f"ended on {to - ONE_DAY}"
            reasons.append(f"unit '{name}' {when}, the event is of {on}")
        self.aside.add(rows, "V503", reasons)

    def _fields(self, kind: pl.Series) -> dict[tuple[str, str], int]:
        """What a kind needs and a row lacks; how often rows have a field that their kind does not take."""
        names = [name for name in ("person", *self.ruleset.fields) if name in self.frame.columns]
        present = (
            self.frame.select(pl.col(name).is_not_null() for name in names)
            .with_columns(kind.alias("_kind"), self.live.alias("_live"))
            .lazy()
            .filter("_live")
            .group_by("_kind")
            .agg(pl.len().alias("_rows"), *(pl.col(name).sum() for name in names))
            .sort("_kind", nulls_last=True)
            .collect()
        )
        kinds = list(self.ruleset.events.items())
        surplus: dict[tuple[str, str], int] = {}
        for counted in present.iter_rows(named=True):
            if counted["_kind"] is None:
                continue
            id_, definition = kinds[counted["_kind"]]
            takes = definition.takes
            for name in names:
                if takes.get(name) and counted[name] < counted["_rows"]:
                    lacking = self.live & (kind == counted["_kind"]) & self.frame[name].is_null()
                    what = "person" if name == "person" else f"field '{name}'"
                    self.aside.add(lacking.arg_true(), "V505", f"{what} is missing, which kind '{id_}' needs")
                elif name not in takes and counted[name]:
                    surplus[id_, name] = counted[name]
        return surplus

    def _taking(self, name: str, kind: pl.Series) -> pl.Series:
        """Which rows are of a kind that takes the field; of others it is not looked at."""
        taking = [i for i, definition in enumerate(self.ruleset.events.values()) if name in definition.takes]
        numbers = pl.Series(taking, dtype=kind.dtype).implode()
        return (self.live & kind.is_in(numbers)).fill_null(False)

    def _range(self, name: str, type_: FieldType, kind: pl.Series) -> None:
        if (type_.min is None and type_.max is None) or type_.type not in ("integer", "decimal"):
            return
        values = self.frame[name]
        scale = 10**type_.scale
        low, high = values.min(), values.max()
        assert low is None or (isinstance(low, int) and isinstance(high, int))
        if low is None or not isinstance(high, int):
            return
        for bound, beyond, word in (
            (type_.min, type_.min is not None and low < type_.min * scale, "below the least"),
            (type_.max, type_.max is not None and high > type_.max * scale, "above the greatest"),
        ):
            if bound is None or not beyond:
                continue
            limit = bound * scale
            # Integers below a fraction are those up to its floor, and the same above.
            wrong = values < -(-limit.numerator // limit.denominator)
            if word.startswith("above"):
                wrong = values > limit.numerator // limit.denominator
            rows = (self._taking(name, kind) & wrong.fill_null(False)).arg_true()
            shown = _shown(Fraction(bound))
            reasons = [
                f"field '{name}': {_shown(Fraction(value, scale))} is {word} possible, {shown}"
                for value in values.gather(rows)
            ]
            self.aside.add(rows, "V506", reasons)

    def _options(self, name: str, type_: FieldType, kind: pl.Series) -> None:
        if type_.type != "choice":
            return
        values = self.frame[name]
        known = values.cast(pl.Enum(list(dict.fromkeys(type_.of))), strict=False)
        if known.null_count() == values.null_count():
            return
        rows = (self._taking(name, kind) & known.is_null() & values.is_not_null()).arg_true()
        hints = {value: did_you_mean(value, type_.of) for value in sorted(set(values.gather(rows)))[:HINTS]}
        reasons = []
        for value in values.gather(rows):
            hint = hints.get(value, "")
            reasons.append(f"field '{name}': there is no choice '{value}'" + (f" ({hint})" if hint else ""))
        self.aside.add(rows, "V507", reasons)


def _shown(value: Fraction) -> str:
    try:
        return str(to_decimal(value))
    except ValueError:
        return str(value)


def _gone(frame: pl.DataFrame, state: pl.Series, aside: _Aside) -> pl.DataFrame:
    """The rows that do not count, but for resends, with `state`, `code` and `reason`."""
    codes, reasons = _by_row(aside)
    rows = pl.Series(list(codes), dtype=pl.UInt32)
    said = pl.DataFrame({"_at": rows, "code": list(codes.values()), "reason": ["; ".join(r) for r in reasons.values()]})
    gone = state.is_not_null() & (state != "duplicate")
    places = pl.int_range(frame.height, dtype=pl.UInt32, eager=True).alias("_at")
    found = frame.drop("code", "reason", strict=False)  # fields of that name: what is said of the row goes before
    found = found.with_columns(places, state.cast(pl.String).alias("state")).filter(gone)
    typed = said.cast(pl.Schema({"_at": pl.UInt32(), "code": pl.String(), "reason": pl.String()}))
    return found.join(typed, on="_at", how="left", maintain_order="left").drop("_at")


def _by_row(aside: _Aside) -> tuple[dict[int, str], dict[int, list[str]]]:
    """Of each row put aside the first code, and all reasons; by row."""
    codes: dict[int, str] = {}
    reasons: dict[int, list[str]] = {}
    for row, code, reason in sorted(aside.found):
        codes.setdefault(row, code)
        reasons.setdefault(row, []).append(reason)
    return codes, reasons


def _rejected(read: Read, aside: _Aside) -> pl.DataFrame:
    """All rows put aside, by file and row; of a row with several faults the first code and all reasons."""
    if not aside.found:
        return read.rejected
    codes, reasons = _by_row(aside)
    rows = pl.Series(list(codes), dtype=pl.UInt32)
    place = read.frame[rows.to_list()].select("file", pl.col("row").cast(pl.Int64), "id")
    names = pl.Series(read.files, dtype=pl.String)
    found = pl.DataFrame(
        {
            "file": names.gather(place["file"]),
            "row": place["row"],
            "id": place["id"],
            "code": list(codes.values()),
            "reason": ["; ".join(texts) for texts in reasons.values()],
        },
        schema=dict(REJECTED),
    )
    order = {name: i for i, name in enumerate(read.files)}
    both = pl.concat([read.rejected, found])
    number = both["file"].replace_strict(order, default=len(order), return_dtype=pl.UInt32)
    return both.with_columns(number.alias("_file")).sort("_file", "row", "code").drop("_file")
