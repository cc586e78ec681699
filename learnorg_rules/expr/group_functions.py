"""The functions over a group of subjects (`mean(x in led)`, `rank(x in peers)`): one object says all of a function."""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from attrs import evolve, field, frozen

from learnorg_rules.values import Value

from .types import COUNT, Type

__all__ = ["GROUP_FUNCTIONS", "GroupFunction"]

Numbers = Sequence[Fraction]


def _same(value: Type) -> Type:
    return evolve(value, places=None, nullable=True)


@frozen(kw_only=True, eq=False)
class GroupFunction:
    """One function over the subjects of a group that have a value; where there are subjects and none has one, it is missing.

    Attributes:
        name: as written.
        takes_condition: whether it takes a condition of each subject; else a number.
        compares: whether the subject's own value is compared with the others.
        type: the type it gives, by that of what it takes.
        of_values: its value; takes the values of the others (conditions, or exact numbers) and the value of the subject itself.
    """

    name: str
    takes_condition: bool = False
    compares: bool = False
    type: Callable[[Type], Type] = field(default=_same)
    of_values: Callable[[Sequence[Any], Value], Value]

    def value(self, values: Sequence[Value], own: Value) -> Value:
        """The value from those of the group's subjects (None: missing, which does not count) and of the subject itself."""
        known = [v for v in values if v is not None]
        if values and not known:
            return None
        if self.takes_condition:
            return self.of_values([v is True for v in known], own)
        return self.of_values([Fraction(v) for v in known if isinstance(v, int | Fraction)], own)


def _share(held: Sequence[bool], _: Value) -> Value:
    return Fraction(sum(held), len(held)) if held else None


def _mean(numbers: Numbers, _: Value) -> Value:
    return sum(numbers, Fraction()) / len(numbers) if numbers else None


def _rank(numbers: Numbers, own: Value) -> Value:
    return 1 + sum(n > own for n in numbers) if numbers and isinstance(own, int | Fraction) else None


GROUP_FUNCTIONS: Mapping[str, GroupFunction] = {
    function.name: function
    for function in (
        GroupFunction(
            name="sum", type=lambda value: evolve(value, places=None),
            of_values=lambda numbers, _: sum(numbers, Fraction()),
        ),
        GroupFunction(name="mean", of_values=_mean),
        GroupFunction(name="min", of_values=lambda numbers, _: min(numbers, default=None)),
        GroupFunction(name="max", of_values=lambda numbers, _: max(numbers, default=None)),
        GroupFunction(
            name="count", takes_condition=True, type=lambda value: evolve(COUNT, nullable=value.nullable),
            of_values=lambda held, _: sum(held),
        ),
        GroupFunction(
            name="share", takes_condition=True, type=lambda _: evolve(COUNT, nullable=True), of_values=_share
        ),
        GroupFunction(name="rank", compares=True, type=lambda _: evolve(COUNT, nullable=True), of_values=_rank),
    )
}  # fmt: skip
"""Every function over a group of subjects, by name."""
