"""Whether events fit the rules and the organisation: whole columns first, single rows where something is wrong."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

import polars as pl
from attrs import define, field

from ..errors import Options, did_you_mean
from ..model.definitions import FieldType
from ..model.ruleset import Ruleset
from ..org.organisation import Organisation
from ..periods import ONE_DAY
from ..values import to_decimal
from .port import ENVELOPE
from .presence import absent, why_absent

__all__ = ["ABSENT", "Aside", "Checks", "Faults", "places_of"]

ABSENT = ":absent"
"""In counts of values not looked at, the name of persons who are not there on the day."""

HINTS = 10  # unknown names for which the nearest known one is looked up: each takes 2 ms among 400 names

Faults = dict[int, tuple[str, str]]
"""By the number of the row in the frame: the first code, and all reasons."""


@define
class Aside:
    """Collects the rows that are put aside: number of the row in the frame, code, reason."""

    found: list[tuple[int, str, str]]

    def add(self, rows: pl.Series, code: str, reasons: Sequence[str] | str) -> None:
        """Put rows aside, for reasons of their own or for one."""
        texts = [reasons] * len(rows) if isinstance(reasons, str) else reasons
        self.found += zip(rows.to_list(), [code] * len(rows), texts, strict=True)

    def faults(self) -> Faults:
        """Of each row put aside, by row."""
        faults: Faults = {}
        for row, code, reason in sorted(self.found):
            before = faults.get(row)
            faults[row] = (code, reason) if before is None else (before[0], f"{before[1]}; {reason}")
        return faults


def places_of(ruleset: Ruleset, organisation: Organisation) -> tuple[pl.Enum, pl.Enum]:
    """The kinds, and the units and bodies, at which events can be: the same names have the same places in a run."""
    return pl.Enum(list(ruleset.events)), pl.Enum([*organisation.units, *organisation.bodies])


@define
class Checks:
    """Looks for events that rules or organisation do not allow: whole columns first, single rows where needed.

    `kind`, `unit`: their places in `places_of`, once it has run.
    """

    frame: pl.DataFrame
    days: pl.Series
    live: pl.Series
    ruleset: Ruleset
    organisation: Organisation
    aside: Aside
    kind: pl.Series = field(init=False)
    unit: pl.Series = field(init=False)

    def run(self) -> dict[tuple[str, str], int]:
        """Put aside what is wrong, and count the values of fields that their kind does not take."""
        kinds, units = places_of(self.ruleset, self.organisation)
        self.kind = self._names("kind", kinds, "V501", "there is no kind of event '{}'")
        self.unit = self._names("unit", units, "V502", "there is no unit '{}'")
        decided = [place for place, kind in enumerate(kinds.categories) if kind in self.ruleset.effect_kinds]
        happened = self.live  # what was decided may be about whoever has left
        if decided:
            happened = happened & ~self.kind.is_in(pl.Series(decided, dtype=self.kind.dtype).implode()).fill_null(False)
        self._lives(self.unit, units.categories.to_list(), happened)
        if (
            self.ruleset.header.records.unknown_person != "accept"
            and self.frame["person"].null_count() < self.frame.height
        ):
            self._names("person", pl.Enum(list(self.organisation.persons)), "V504", "there is no person '{}'")
        surplus = self._fields(self.kind) | self._absent(happened)
        for name, type_ in self.ruleset.fields.items():
            if name in self.frame.columns and name not in ENVELOPE:
                self._range(name, type_, self.kind)
                self._options(name, type_, self.kind)
        return surplus

    def _names(self, column: str, known: pl.Enum, code: str, message: str) -> pl.Series:
        """The places of the names among the known ones; null, and put aside, where one is not among them."""
        names = self.frame[column]
        numbers = names.cast(known, strict=False).to_physical()
        if numbers.null_count() > names.null_count():
            rows = (self.live & numbers.is_null() & names.is_not_null()).arg_true()
            unknown = names.gather(rows).to_list()
            said: dict[str, str] = {}
            options = Options(known.categories)
            for name in sorted(set(unknown)):
                hint = options.did_you_mean(name) if len(said) < HINTS else ""
                said[name] = message.format(name) + (f" ({hint})" if hint else "")
            self.aside.add(rows, code, [said[name] for name in unknown])
        return numbers

    def _absent(self, happened: pl.Series) -> dict[tuple[str, str], int]:
        """Events that name a person who is not there on the day: put aside, or counted where they count without the person."""
        rows = (happened & absent(self.organisation, self.frame["person"], self.days)).arg_true()
        if self.ruleset.header.records.unknown_person == "accept":
            kinds = self.frame["kind"].gather(rows).cast(pl.String).value_counts(name="n")
            return {(kind, ABSENT): n for kind, n in sorted(kinds.iter_rows())}
        pairs = zip(self.frame["person"].gather(rows), self.days.gather(rows), strict=True)
        self.aside.add(
            rows, "V508", [f"{why_absent(self.organisation, p, on)}, the event is of {on}" for p, on in pairs]
        )
        return {}

    def _lives(self, unit: pl.Series, units: Sequence[str], happened: pl.Series) -> None:
        lives = [self.organisation.life(name) for name in units]
        if all(life == (date.min, date.max) for life in lives):
            return
        first = pl.Series([life[0] for life in lives], dtype=pl.Date)
        end = pl.Series([life[1] for life in lives], dtype=pl.Date)
        day = self.days
        outside = ((day < first.gather(unit)) | (day >= end.gather(unit))).fill_null(False)
        if not outside.any():
            return
        rows = (happened & outside).arg_true()
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
        names = [name for name in names if self._may_be_amiss(name)]
        if not names:
            return {}
        present = (
            self.frame.select(pl.col(name).is_not_null() for name in names)
            .with_columns(kind.alias(":kind"), self.live.alias(":live"))
            .lazy()
            .filter(":live")
            .group_by(":kind")
            .agg(pl.len().alias(":rows"), *(pl.col(name).sum() for name in names))
            .sort(":kind", nulls_last=True)
            .collect()
        )
        kinds = list(self.ruleset.events.items())
        surplus: dict[tuple[str, str], int] = {}
        for counted in present.iter_rows(named=True):
            if counted[":kind"] is None:
                continue
            id_, definition = kinds[counted[":kind"]]
            takes = definition.takes
            for name in names:
                if takes.get(name) and counted[name] < counted[":rows"]:
                    lacking = self.live & (kind == counted[":kind"]) & self.frame[name].is_null()
                    what = "person" if name == "person" else f"field '{name}'"
                    self.aside.add(lacking.arg_true(), "V505", f"{what} is missing, which kind '{id_}' needs")
                elif name not in takes and counted[name]:
                    surplus[id_, name] = counted[name]
        return surplus

    def _may_be_amiss(self, name: str) -> bool:
        """Whether some kind that needs the field might lack it, or one that does not take it have it."""
        kinds, empty = self.ruleset.events.values(), self.frame[name].null_count()
        needed = any(kind.takes.get(name) for kind in kinds)
        return (empty > 0 and needed) or (empty < self.frame.height and any(name not in kind.takes for kind in kinds))

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
