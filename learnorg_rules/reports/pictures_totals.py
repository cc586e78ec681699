"""Pictures of totals: a fan over time for each unit, and how steady the ranks are."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ..simulation.answers import Answers
from ..simulation.results import Simulation
from .pictures import SIZE, Labels, Picture, margin, names_of, pages, text_width

__all__ = ["fans", "rank_pictures"]

MARKS = ("o", "s", "^", "D", "v", "P", "X", "*")
LINES: Sequence[Any] = ("-", "--", "-.", (0, (1, 1)), (0, (5, 1, 1, 1, 1, 1)))
ACROSS, ON_PAGE = 4, 16  # panels
RANKS_ON_PAGE = 40
SHARES = {"p05": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}


def fans(simulation: Simulation, scorecard: str) -> Sequence[Picture]:
    """Totals of a scorecard by subject over its periods, every policy in each panel; several pictures for many subjects."""
    totals = simulation.frames["totals"].filter(pl.col("scorecard") == scorecard)
    quantiles = totals.group_by("policy", "subject", "period").agg(
        pl.col("total").quantile(q, "linear").alias(name) for name, q in SHARES.items()
    )
    subjects = sorted(totals["subject"].unique())
    parts = pages(subjects, ON_PAGE)
    return [
        Picture(
            f"fan_{scorecard}" + (f"_{i}" if len(parts) > 1 else ""),
            partial(_fan, simulation, quantiles, scorecard, part, (i, len(parts))),
        )
        for i, part in enumerate(parts, 1)
    ]


def _fan(
    simulation: Simulation, quantiles: pl.DataFrame, scorecard: str, subjects: Sequence[str], place: tuple[int, int],
    labels: Labels,
) -> Figure:  # fmt: skip
    periods = sorted(quantiles["period"].unique())
    policies = list(simulation.scenario.policies)
    columns = min(ACROSS, len(subjects))
    rows = -(-len(subjects) // columns)
    width, foot = 2.5 * columns + 0.9, 0.55 + 0.22 * len(policies)
    height = 1.75 * rows + 0.75 + foot
    figure = Figure(figsize=(max(width, 5.5), height))
    width = max(width, 5.5)
    axes = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    figure.subplots_adjust(
        left=0.6 / width, right=1 - 0.2 / width, top=1 - 0.75 / height, bottom=foot / height + 0.2 / height,
        hspace=0.45, wspace=0.12,
    )  # fmt: skip
    names = names_of({s: labels.subject(s) for s in subjects})
    room = (width - 0.8) / columns - 0.1
    for i, axis in enumerate(axes.flat):
        if i >= len(subjects):
            axis.set_visible(False)
            continue
        ours = quantiles.filter(pl.col("subject") == subjects[i])
        for p, policy in enumerate(policies):
            _lines(axis, ours.filter(pl.col("policy") == policy), periods, p)
        axis.set_title(_cut(names[subjects[i]], room), loc="left", pad=3)
        _period_ticks(axis, periods, room)
        if i + columns >= len(subjects):
            axis.tick_params(labelbottom=True)
        if i % columns == 0:
            axis.set_ylabel(labels.word("total"))
    title = labels.word("fan", card=labels.rule("scorecards", scorecard))
    if place[1] > 1:
        title += f" ({labels.word('part', i=place[0], n=place[1])})"
    figure.text(0.15 / width, 1 - 0.3 / height, title, fontsize=SIZE + 2, fontweight="bold", va="center")
    for p, policy in enumerate(policies):  # beside a sample of its line, so that no colour is needed
        y = (foot - 0.25 - 0.22 * p) / height
        figure.add_artist(_sample(p, 0.15 / width, 0.55 / width, y))
        text = labels.word("other_key" if p else "fan_key", policy=policy)
        figure.text(0.65 / width, y, text, fontsize=SIZE - 1, va="center")
    return figure


def _sample(policy: int, left: float, right: float, y: float) -> Line2D:
    return Line2D(
        [left, (left + right) / 2, right], [y, y, y], color="black", linewidth=1.2, linestyle=LINES[policy % len(LINES)],
        marker=MARKS[policy % len(MARKS)], markevery=[1], markersize=4, markerfacecolor="black" if policy == 0 else "white",
    )  # fmt: skip


def _lines(axis: Axes, ours: pl.DataFrame, periods: Sequence[str], policy: int) -> None:
    by_period = {row["period"]: row for row in ours.iter_rows(named=True)}
    there = [(x, by_period[p]) for x, p in enumerate(periods) if p in by_period and by_period[p]["p50"] is not None]
    if not there:
        return
    shift = 0.0 if policy == 0 else 0.06 * policy
    x = [i + shift for i, _ in there]
    low, first, middle, third, high = ([row[name] for _, row in there] for name in SHARES)
    ink: dict[str, Any] = {"color": "black", "linewidth": 1.2, "linestyle": LINES[policy % len(LINES)]}
    if policy == 0 and len(there) > 1:
        axis.fill_between(x, low, high, facecolor="0.88", edgecolor="0.6", linewidth=0.5)
        axis.fill_between(x, first, third, facecolor="0.70", edgecolor="0.5", linewidth=0.5)
    elif len(there) > 1:
        for edge in (low, high):
            axis.plot(x, edge, color="0.2", linewidth=0.8, linestyle=":")
    if len(there) == 1:
        axis.vlines(x, low, high, color="0.4", linewidth=1)
        axis.vlines(x, first, third, color="0.4", linewidth=4)
    axis.plot(
        x, middle, **ink, marker=MARKS[policy % len(MARKS)], markersize=3.5,
        markerfacecolor="black" if policy == 0 else "white", markevery=max(1, len(x) // 8),
    )  # fmt: skip


def _period_ticks(axis: Axes, periods: Sequence[str], room: float) -> None:
    """As many names of periods as there is room for."""
    widest = max((len(p) for p in periods), default=1) * 0.62 * (SIZE - 1) / 72 + 0.1
    step = max(1, -(-len(periods) // max(1, int(room / widest))))
    places = list(range(0, len(periods), step))
    axis.set_xticks(places, [periods[i] for i in places])
    axis.set_xlim(-0.4, max(len(periods) - 1, 0) + 0.4)


def _cut(text: str, room: float) -> str:
    if text_width(text, SIZE + 1) <= room:
        return text
    while text and text_width(f"{text}…", SIZE + 1) > room:
        text = text[:-1]
    return f"{text.rstrip()}…"


def rank_pictures(simulation: Simulation, found: Answers, scorecard: str, award: str = "") -> Iterator[Picture]:
    """Ranks by total in the last period of a scorecard, one panel for each policy; with who gets an award where one is named."""
    totals = simulation.frames["totals"].filter((pl.col("scorecard") == scorecard) & pl.col("total").is_not_null())
    if totals.is_empty():
        return
    period = totals["period"].max()
    ranked = totals.filter(pl.col("period") == period).with_columns(
        pl.col("total").rank("min", descending=True).over("policy", "repetition").alias("rank")
    )
    quantiles = ranked.group_by("policy", "subject").agg(
        pl.col("rank").quantile(q, "nearest").alias(name) for name, q in SHARES.items()
    )
    base = next(iter(simulation.scenario.policies))
    means = ranked.group_by("subject").agg(
        pl.col("rank").filter(pl.col("policy") == base).mean().alias("first"), pl.col("rank").mean().alias("mean")
    )
    order = means.sort("first", "mean", "subject", nulls_last=True)["subject"].to_list()
    chances: dict[tuple[str, str], float] = {}
    if award:
        ours = found.awards.filter((pl.col("award") == award) & (pl.col("period") == period))
        chances = {(r["policy"], r["subject"]): r["chance"] for r in ours.iter_rows(named=True)}
    parts = pages(order, RANKS_ON_PAGE)
    for i, part in enumerate(parts, 1):
        name = f"ranks_{scorecard}" + (f"_{i}" if len(parts) > 1 else "")
        yield Picture(name, partial(_ranks, simulation, quantiles, chances, part, (scorecard, str(period), award)))


def _ranks(
    simulation: Simulation, quantiles: pl.DataFrame, chances: Mapping[tuple[str, str], float], subjects: Sequence[str],
    about: tuple[str, str, str], labels: Labels,
) -> Figure:  # fmt: skip
    scorecard, period, award = about
    policies = list(simulation.scenario.policies)
    names = names_of({s: labels.subject(s) for s in subjects})
    left, height = margin(list(names.values())), 0.24 * len(subjects) + 1.55
    panel = 2.6
    width = max(left + panel * len(policies) + 0.2, 6.5)
    figure = Figure(figsize=(width, height))
    axes = figure.subplots(1, len(policies), sharey=True, squeeze=False)[0]
    figure.subplots_adjust(
        left=left / width, right=1 - 0.2 / width, top=1 - 0.75 / height, bottom=0.8 / height, wspace=0.08
    )
    most = max((int(rank) for rank in quantiles["p95"]), default=1)
    edge = most + 1 + (most * 0.28 if chances else 0)
    for axis, policy in zip(axes, policies, strict=True):
        rows = {r["subject"]: r for r in quantiles.filter(pl.col("policy") == policy).iter_rows(named=True)}
        for y, subject in enumerate(subjects):
            row = rows.get(subject)
            if row is not None:
                axis.hlines(y, row["p05"], row["p95"], color="0.3", linewidth=1)
                axis.hlines(y, row["p25"], row["p75"], color="0.55", linewidth=5)
                axis.plot([row["p50"]], [y], marker="o", color="black", markersize=4)
            chance = chances.get((policy, subject))
            if chance:
                axis.text(edge - 0.1, y, f"{chance:.0%}", ha="right", va="center", fontsize=SIZE - 1)
        axis.set_title(policy, loc="left")
        axis.set_xlim(0.3, edge)
        step = max(1, -(-most // 8))
        axis.set_xticks([r for r in range(1, most + 1) if r == 1 or r % step == 0])
        axis.set_yticks(range(len(subjects)), [names[s] for s in subjects])
        axis.set_ylim(len(subjects) - 0.4, -0.6)
        axis.grid(axis="y", color="0.9", linewidth=0.6)
        axis.set_axisbelow(True)
        axis.set_xlabel(labels.word("rank"))
    title = labels.word("ranks", card=labels.rule("scorecards", scorecard), period=period)
    figure.text(0.15 / width, 1 - 0.25 / height, title, fontsize=SIZE + 2, fontweight="bold", va="center")
    key = labels.word("rank_key")
    if award:
        key += "; " + labels.word("gets", chance="%", award=labels.rule("awards", award))
    figure.text(0.15 / width, 0.2 / height, key, fontsize=SIZE - 1, va="center")
    return figure
