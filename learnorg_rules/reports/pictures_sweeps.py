"""The tornado: what each number of the rules, moved alone, does to the totals of a scorecard."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import partial

from matplotlib.figure import Figure

from ..sensitivity.numbers import written
from ..sensitivity.sweeps import Sweep, SweepEffect
from .pictures import SIZE, Labels, Picture, margin

__all__ = ["tornado"]

MOST = 20  # numbers shown; the others are counted


def tornado(found: Sweep, scorecard: str) -> Picture:
    """Mean change of the scorecard's totals for the lowest and the highest value tried of each number.

    Numbers that move no total of the card are not drawn; awards that change hands are counted beside each bar.
    """
    totals = sum(
        1 for base in found.base for key, total in base.totals.items() if key[0] == scorecard and total is not None
    )
    by_number: dict[str, dict[Fraction, list[SweepEffect]]] = {}
    for effect in found.effects:
        by_number.setdefault(effect.number.name, {}).setdefault(effect.value, []).append(effect)
    rows = []
    for name, values in by_number.items():
        ends = [(v, *_mean(values[v], scorecard, totals)) for v in (min(values), max(values))]
        if any(change or awards for _, change, awards in ends):
            rows.append((name, values, ends))
    rows.sort(key=lambda row: -max(abs(change) for _, change, _ in row[2]))
    return Picture(f"tornado_{scorecard}", partial(_draw, rows[:MOST], len(rows) - len(rows[:MOST]), scorecard))


def _mean(effects: Sequence[SweepEffect], scorecard: str, totals: int) -> tuple[float, int]:
    moved = sum((s.points for e in effects for s in e.shifts if s.scorecard == scorecard), Fraction())
    return float(moved / totals) if totals else 0.0, sum(len(e.gained) + len(e.lost) for e in effects)


def _draw(
    rows: Sequence[tuple[str, Mapping[Fraction, Sequence[SweepEffect]], Sequence[tuple[Fraction, float, int]]]], more: int,
    scorecard: str, labels: Labels,
) -> Figure:  # fmt: skip
    names = [name for name, _, _ in rows]
    left, height = margin(names), 0.42 * max(len(rows), 1) + 1.75
    width = left + 6.2
    figure = Figure(figsize=(width, height))
    axis = figure.add_axes((left / width, 1.0 / height, 5.9 / width, 1 - 1.6 / height))
    widest = max((abs(change) for _, _, ends in rows for _, change, _ in ends), default=0.0) or 1.0
    for row, (_, values, ends) in enumerate(rows):
        number = next(iter(values.values()))[0].number
        for lower, (value, change, awards) in zip((True, False), ends, strict=True):
            if value == number.value:
                continue
            at = row + (-0.19 if lower else 0.19)
            axis.barh(at, change, height=0.34, facecolor="white" if lower else "0.45", edgecolor="black", linewidth=0.7,
                      hatch="////" if lower else None)  # fmt: skip
            text = written(value)
            if awards:
                text += f" ({labels.word('awards', n=awards)})"
            right = change >= 0
            axis.text(change + (0.015 if right else -0.015) * widest, at, text, ha="left" if right else "right",
                      va="center", fontsize=SIZE - 2)  # fmt: skip
    axis.axvline(0, color="black", linewidth=0.8)
    axis.set_xlim(-1.55 * widest, 1.55 * widest)
    axis.set_ylim(max(len(rows), 1) - 0.45, -0.55)
    axis.set_yticks(range(len(rows)), names)
    axis.tick_params(axis="y", length=0)
    axis.set_xlabel(labels.word("tornado_x"))
    title = labels.word("tornado", card=labels.rule("scorecards", scorecard))
    figure.text(0.15 / width, 1 - 0.3 / height, title, fontsize=SIZE + 2, fontweight="bold", va="center")
    y, x = 0.25 / height, 0.15  # inches from the left
    for lower, key in ((True, "lower"), (False, "higher")):
        box = figure.add_axes((x / width, y - 0.06 / height, 0.3 / width, 0.14 / height))
        box.set_axis_off()
        box.fill_between([0, 1], 0, 1, facecolor="white" if lower else "0.45", edgecolor="black", linewidth=0.7,
                         hatch="////" if lower else None)  # fmt: skip
        figure.text((x + 0.4) / width, y, labels.word(key), fontsize=SIZE - 1, va="center")
        x += 1.5
    if more:
        figure.text(x / width, y, labels.word("more_numbers", n=more), fontsize=SIZE - 1, va="center")
    return figure
