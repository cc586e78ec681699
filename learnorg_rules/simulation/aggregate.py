"""Many repetitions in one pass: the kernel groups by repetition too, and rules are judged on the cells it gives.

Policies that ask the same of events share the cells: only weights, thresholds, quotas and the like are different then, and
no event is looked at again.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any

import polars as pl
from attrs import evolve, frozen

from ..counting.binding import Binding
from ..counting.cells import kernels_of, read_by_kernels, subjects_of
from ..counting.closure import Closure
from ..counting.kernel import Cells, Kernel, scale_of
from ..counting.widths import widths_of
from ..dataflow.build import build
from ..dataflow.nodes import Dataflow
from ..judging.batch import decider_for
from ..judging.context import JudgingContext
from ..judging.effects import Effects
from ..judging.evaluation import Evaluation
from ..judging.judging import Judging
from ..model.parameters import Parameters
from .sharing import take_over
from .windows import WindowContext, Windows

__all__ = ["RulesOnDay"]

_BETWEEN = "\x1f"  # between the place of a repetition and an id; no id has it

CellsOfAsks = Mapping[int, Cells]
Known = tuple[Judging, frozenset[int]]


@frozen(slots=False)
class RulesOnDay:
    """One policy's rules on a day, worked out as far as it goes without events."""

    binding: Binding
    dataflow: Dataflow

    @classmethod
    def of(cls, binding: Binding, day: date) -> "RulesOnDay":
        """The rules of a binding on a day."""
        ruleset = binding.ruleset
        on_day = evolve(binding, at=day, parameters=Parameters(ruleset.parameters))
        return cls(on_day, build(ruleset, binding.organisation, day, on_day.parameters))

    def asks_the_same(self, other: "RulesOnDay") -> bool:
        """Whether the other's cells are this one's."""
        mine, its = self.binding.ruleset, other.binding.ruleset
        return (
            mine.header == its.header
            and self.dataflow.schedules == other.dataflow.schedules
            and self._keys == other._keys
            and self._subjects == other._subjects
        )

    @cached_property
    def _keys(self) -> list[object]:
        return [(a.number, a.aggregate, a.lowered, a.schedule, a.periods) for a in self.dataflow.queries]

    @cached_property
    def _subjects(self) -> set[str]:
        return subjects_of(self.binding, self.dataflow)

    # ---- events to cells

    def cells(self, frame: pl.DataFrame, repetitions: int) -> list[CellsOfAsks]:
        """The cells of each repetition.

        Args:
            frame: events that count, the place of the repetition in the column `file`.
            repetitions: how many there are.
        """
        kernels = self._kernels()
        found: list[dict[int, Cells]] = [{} for _ in range(repetitions)]
        if not kernels:
            return list(found)
        closures = {k.scan.key.subjects: k.closure for k in kernels if k.closure is not None}
        base = read_by_kernels(frame, self.binding, self.dataflow, closures)
        here = widths_of(frame, self.dataflow.scans)
        for kernel in kernels:
            _split(kernel, kernel.partial(base, here), found)
        return list(found)

    def _kernels(self) -> list[Kernel]:
        if "kernels" not in self.__dict__:
            kernels, _ = kernels_of(self.binding, self.dataflow)
            for kernel in kernels:
                kernel.keys.append("file")
            self.__dict__["kernels"] = kernels
        kept: list[Kernel] = self.__dict__["kernels"]
        return kept

    # ---- cells to results

    def judge(self, cells: CellsOfAsks, windows: Windows | None = None, known: Known | None = None) -> Judging:
        """All rules, or those periods of them that lie in windows, on the cells of one repetition.

        `known`: what another policy's rules gave on these cells, and at which places that is what these give.
        """
        evaluation = Evaluation(self.binding, self.dataflow, cells)
        if known is not None:
            take_over(known[0].judging_context.evaluation, evaluation, known[1], self.dataflow.rules)
        effects = Effects()  # no behaviour grants waivers or hears appeals
        if windows is None:
            judging_context = JudgingContext(self.binding, self.dataflow, evaluation, effects)
        else:
            judging_context = WindowContext(self.binding, self.dataflow, evaluation, effects, windows=windows)
        judging = Judging(judging_context, decider_for(self.binding.ruleset, ""))
        judging.run()
        return judging


def _split(kernel: Kernel, partial: pl.DataFrame, found: Sequence[dict[int, Cells]]) -> None:
    """The cells of one family, by repetition: each repetition is given subjects of its own, and they are told apart again."""
    closure = kernel.closure
    many = Kernel(kernel.scan, kernel.atoms, closure, kernel.kinds, kernel.tz)
    if kernel.scan.key.subjects == "persons":
        rows = partial.with_columns(pl.concat_str("file", pl.lit(_BETWEEN), ":who").alias(":who"))
    else:
        assert closure is not None
        size = _size(closure)
        rows = partial.with_columns((pl.col(":who") + pl.col("file").cast(pl.Int32) * size).alias(":who"))
        many.closure = _repeated(closure, len(found), size)
    cells = many.cells(rows.drop("file"))
    for query in kernel.scan.queries:
        scale, weight_scale = scale_of(query.lowered.value), scale_of(query.lowered.weight)
        values: list[dict[tuple[str, int], tuple[Any, ...]]] = [{} for _ in found]
        for (name, index), parts in (cells[query.number].values if query.number in cells else {}).items():
            place, _, subject = name.partition(_BETWEEN)
            values[int(place)][subject, index] = parts
        for of_repetition, here in zip(found, values, strict=True):
            of_repetition[query.number] = Cells(here, scale, weight_scale)


def _size(closure: Closure) -> int:
    last = closure.anchors["_anchor"].max()
    return 1 + (last if isinstance(last, int) else 0)


def _repeated(closure: Closure, times: int, size: int) -> Closure:
    """The tables of one organisation for several side by side."""
    places = pl.DataFrame({"_place": list(range(times))}, schema={"_place": pl.Int32()})
    subject = (pl.col("_subject") + pl.col("_place") * len(closure.names)).alias("_subject")
    anchor = (pl.col("_anchor") + pl.col("_place") * size).alias("_anchor")
    subjects = closure.subjects.join(places, how="cross").with_columns(anchor, subject).drop("_place")
    members = closure.members.join(places, how="cross").with_columns(subject).drop("_place")
    names = [f"{place}{_BETWEEN}{name}" for place in range(times) for name in closure.names]
    of_bodies = closure.of_bodies
    if of_bodies is not None:
        of_bodies = of_bodies.join(places, how="cross").with_columns(subject).drop("_place")
    return Closure(closure.segments, closure.anchors, subjects, closure.homes, members, names, of_bodies)
