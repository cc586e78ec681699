"""The picture of duties: how likely each unit is to miss what is due in each month."""

from collections.abc import Iterator, Sequence
from functools import partial

import polars as pl
from matplotlib.figure import Figure

from ..simulation.answers import Answers
from ..simulation.results import Simulation
from .pictures import SIZE, Labels, Picture, margin, names_of, pages

__all__ = ["duty_maps"]

ON_PAGE = 40  # rows
CELL = (0.46, 0.26)  # inches


def duty_maps(simulation: Simulation, found: Answers, duty: str = "") -> Iterator[Picture]:
    """Chances of missing by subject and month in which the period ends, for each policy; all duties together, or one.

    Persons are left to the tables where units have duties, too.
    """
    duties = found.duties if not duty else found.duties.filter(pl.col("duty") == duty)
    nodes = simulation.scenario.organisation.nodes
    persons = [s for s in duties["subject"].unique() if s in nodes and nodes[s].kind == "person"]
    units = duties.filter(~pl.col("subject").is_in(persons))
    duties = duties if units.is_empty() else units
    cells = duties.group_by("policy", "subject", pl.col("due").dt.strftime("%Y-%m").alias("month")).agg(
        (pl.col("times").sum() / pl.col("n").sum()).alias("chance")
    )
    months = sorted(cells["month"].unique())
    for policy in simulation.scenario.policies:
        ours = cells.filter(pl.col("policy") == policy)
        parts = pages(sorted(ours["subject"].unique()), ON_PAGE)
        for i, part in enumerate(parts, 1):
            name = "_".join(["duties", *([duty] if duty else []), policy, *([str(i)] if len(parts) > 1 else [])])
            yield Picture(name, partial(_map, ours, part, months, (policy, duty)))


def _map(
    cells: pl.DataFrame, subjects: Sequence[str], months: Sequence[str], about: tuple[str, str], labels: Labels
) -> Figure:
    policy, duty = about
    names = names_of({s: labels.subject(s) for s in subjects})
    left = margin(list(names.values()))
    width, height = max(left + CELL[0] * len(months) + 0.3, 6.5), CELL[1] * len(subjects) + 1.55
    figure = Figure(figsize=(width, height))
    axis = figure.add_axes(
        (left / width, 0.85 / height, CELL[0] * len(months) / width, CELL[1] * len(subjects) / height)
    )
    known = {(r["subject"], r["month"]): r["chance"] for r in cells.iter_rows(named=True)}
    for y, subject in enumerate(subjects):
        for x, month in enumerate(months):
            chance = known.get((subject, month))
            if chance is None:
                continue
            shade = 1 - 0.85 * chance
            axis.fill_between([x - 0.5, x + 0.5], y - 0.5, y + 0.5, facecolor=str(round(shade, 3)), edgecolor="0.6",
                              linewidth=0.4)  # fmt: skip
            ink = "white" if shade < 0.47 else "black"
            axis.text(x, y, f"{100 * chance:.0f}", ha="center", va="center", color=ink, fontsize=SIZE - 2)
    axis.set_xlim(-0.5, len(months) - 0.5)
    axis.set_ylim(len(subjects) - 0.5, -0.5)
    axis.set_yticks(range(len(subjects)), [names[s] for s in subjects])
    axis.set_xticks(range(len(months)), [_short(m, i, months) for i, m in enumerate(months)])
    axis.tick_params(length=0)
    axis.set_xlabel(labels.word("due_in"))
    key = "heat_one" if duty else "heat"
    title = labels.word(key, policy=policy, duty=labels.rule("duties", duty) if duty else "")
    figure.text(0.15 / width, 1 - 0.3 / height, title, fontsize=SIZE + 2, fontweight="bold", va="center")
    figure.text(0.15 / width, 0.17 / height, labels.word("percent"), fontsize=SIZE - 1, va="center")
    return figure


def _short(month: str, i: int, months: Sequence[str]) -> str:
    """The month, with its year below where that begins."""
    year, _, number = month.partition("-")
    return f"{number}\n{year}" if i == 0 or months[i - 1][:4] != year else number
