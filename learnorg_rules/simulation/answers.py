"""What a simulation answers: totals, and chances of grades, awards and missed duties, each as sure as the repetitions make it."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

import polars as pl
from attrs import field, frozen

from ..values import to_decimal
from .intervals import quantile_ranks, repetitions_for_mean, repetitions_for_share, wilson
from .results import Simulation

__all__ = ["Answers", "answers", "award_costs", "in_order"]

RUN = "repetition"
QUANTILES = {"p05": Fraction(1, 20), "median": Fraction(1, 2), "p95": Fraction(19, 20)}


@frozen
class Answers:
    """What the repetitions say, one row per policy, rule, subject and period.

    `totals`: `n` totals, `missing` repetitions without one, `mean`, and `p05`, `median`, `p95`, each with `_low` and `_high`:
    95 % intervals from order statistics, null where so few repetitions bound them on no side. `grades`, `awards`, `duties`:
    `chance` with `low` and `high` (Wilson), of `n` repetitions; of a duty those in which its period was settled.

    `precision`: what half the interval of a chance, and of a median in points, may be. `needed`: repetitions at which all
    of them would be; `widest`: the row that needs the most, in words of its columns.
    """

    repetitions: int
    precision: float
    points: float
    totals: pl.DataFrame = field(repr=False)
    grades: pl.DataFrame = field(repr=False)
    awards: pl.DataFrame = field(repr=False)
    duties: pl.DataFrame = field(repr=False)
    needed: int = 0
    widest: str = ""

    @property
    def is_enough(self) -> bool:
        """Whether every chance and median is as sure as was asked for."""
        return self.repetitions >= self.needed

    @property
    def frames(self) -> Mapping[str, pl.DataFrame]:
        """The tables by name."""
        return {"totals": self.totals, "grades": self.grades, "awards": self.awards, "duties": self.duties}


def answers(simulation: Simulation, precision: float = 0.05, points: float = 5.0) -> Answers:
    """What a simulation says about each subject under each policy.

    Args:
        simulation: from `simulate`.
        precision: half the width that the interval of a chance may have.
        points: the same for a median total, in points.

    Raises:
        ValueError: no repetition ran through, or a precision is not above 0.
    """
    if not simulation.done:
        raise ValueError("no repetition ran through, so there is nothing to say")
    if precision <= 0 or points <= 0:
        raise ValueError("a precision has to be above 0")
    frames, done = simulation.frames, simulation.done
    found = {
        "totals": _totals(frames["totals"]),
        "grades": _grades(frames["totals"]),
        "awards": _awards(simulation),
        "duties": _duties(frames["duties"]),
    }
    ordered = {name: in_order(frame, simulation) for name, frame in found.items()}
    needed, widest = _needed(ordered, done, precision, points)
    return Answers(done, precision, points, **ordered, needed=needed, widest=widest)


def in_order(frame: pl.DataFrame, simulation: Simulation) -> pl.DataFrame:
    """The rows by policy as the scenario has them, then by the other texts."""
    policies = pl.Enum(list(simulation.scenario.policies))
    others = [c for c, t in frame.schema.items() if t == pl.String and c not in ("policy", "verdict")]
    return frame.sort(pl.col("policy").cast(policies), *others, nulls_last=True)


def _totals(totals: pl.DataFrame) -> pl.DataFrame:
    keys = ["policy", "scorecard", "subject", "period"]
    sorted_ = pl.col("total").drop_nulls().sort()
    found = totals.group_by(keys).agg(
        sorted_.count().cast(pl.Int64).alias("n"),
        pl.col("total").null_count().cast(pl.Int64).alias("missing"),
        pl.col("total").mean().alias("mean"),
        *(pl.col("total").quantile(float(q), "linear").alias(name) for name, q in QUANTILES.items()),
        sorted_.alias("values"),
    )
    counts = found["n"].unique().to_list()
    ranks = [
        {"n": n, **{f"{name}_{side}": r for name, q in QUANTILES.items()
                    for side, r in zip(("low", "high"), quantile_ranks(n, q), strict=True)}}
        for n in counts
    ]  # fmt: skip
    bounds = [f"{name}_{side}" for name in QUANTILES for side in ("low", "high")]
    schema = {"n": found.schema["n"], **dict.fromkeys(bounds, pl.Int64())}
    table = pl.DataFrame(ranks, schema=schema)
    joined = found.join(table, on="n").with_columns(
        pl.col("values").list.get(pl.col(b), null_on_oob=True).alias(b) for b in bounds
    )
    columns = [c for name in QUANTILES for c in (name, f"{name}_low", f"{name}_high")]
    return joined.select(*keys, "n", "missing", "mean", *columns)


def _chance(frame: pl.DataFrame) -> pl.DataFrame:
    """`chance`, `low` and `high` from `times` of `n`."""
    low, high = wilson(pl.col("times"), pl.col("n"))
    frame = frame.with_columns(pl.col("times").cast(pl.Int64))
    return frame.with_columns((pl.col("times") / pl.col("n")).alias("chance"), low.alias("low"), high.alias("high"))


def _grades(totals: pl.DataFrame) -> pl.DataFrame:
    """Every grade that anybody got under a scorecard, for everyone it judges: never is an answer, too."""
    keys = ["policy", "scorecard", "subject", "period"]
    known = totals.filter(pl.col("grade").is_not_null()).select("scorecard", "grade").unique()
    judged = totals.group_by(keys).agg(pl.len().cast(pl.Int64).alias("n"))
    got = totals.group_by(*keys, "grade").agg(pl.len().alias("times"))
    every = judged.join(known, on="scorecard").join(got, on=[*keys, "grade"], how="left")
    return _chance(every.with_columns(pl.col("times").fill_null(0))).select(
        *keys, "grade", "times", "n", "chance", "low", "high"
    )


def _awards(simulation: Simulation) -> pl.DataFrame:
    """Who was a candidate under some policy, under every policy: who is no candidate does not get it."""
    awards, keys = simulation.frames["awards"], ["award", "subject", "period"]
    policies = pl.DataFrame({"policy": list(simulation.scenario.policies)}, schema={"policy": pl.String()})
    every = policies.join(awards.select(keys).unique(), how="cross")
    got = awards.group_by("policy", *keys).agg(
        pl.col("granted").sum().alias("times"), pl.col(RUN).n_unique().alias("candidate"), pl.col("rank").median()
    )
    found = every.join(got, on=["policy", *keys], how="left").with_columns(
        pl.col("times", "candidate").fill_null(0), pl.lit(simulation.done, pl.Int64).alias("n")
    )
    return _chance(found).select("policy", *keys, "candidate", "rank", "times", "n", "chance", "low", "high")


def _duties(duties: pl.DataFrame) -> pl.DataFrame:
    """The chance of missing each duty, among the repetitions in which it was required and its period is over."""
    keys = ["policy", "duty", "subject", "period", "due"]
    settled = duties.filter(pl.col("status").is_in(["met", "met_late", "missed"]))
    found = settled.group_by(keys).agg(
        (pl.col("status") == "missed").sum().alias("times"),
        (pl.col("status") == "met_late").sum().alias("late"),
        pl.len().cast(pl.Int64).alias("n"),
    )
    return _chance(found).select(*keys, "times", "late", "n", "chance", "low", "high")


def _needed(frames: Mapping[str, pl.DataFrame], done: int, precision: float, points: float) -> tuple[int, str]:
    """The repetitions that the least sure answer takes, and which one it is."""
    worst, named = 1, ""
    for name in ("grades", "awards", "duties"):
        # the interval of a share is the wider the nearer it is to a half
        wide = frames[name].filter((pl.col("high") - pl.col("low")) / 2 > precision)
        if wide.is_empty():
            continue
        row = wide.sort((pl.col("chance") - 0.5).abs(), maintain_order=True).row(0, named=True)
        # of a duty that not every repetition settles, more have to run
        count = -(-repetitions_for_share(row["chance"], precision) * done // row["n"])
        if count > worst:
            worst, named = count, _row_name(row)
    half = (pl.max_horizontal(pl.col("median_high") - pl.col("median"), pl.col("median") - pl.col("median_low"))).alias(
        "half"
    )
    totals = frames["totals"].with_columns(half).filter(pl.col("half") > points)
    if totals.height:
        row = totals.sort("half", descending=True, maintain_order=True).row(0, named=True)
        count = repetitions_for_mean(done, row["half"], points)
        if count > worst:
            worst, named = count, _row_name(row)
    return worst, named


def _row_name(row: Mapping[str, object]) -> str:
    keys = ("policy", "scorecard", "award", "duty", "grade", "subject", "period")
    return " ".join(str(row[k]) for k in keys if row.get(k) is not None)


def award_costs(simulation: Simulation, amounts: Mapping[str, int | Decimal | Fraction]) -> pl.DataFrame:
    """What the awards cost under each policy in each year, over the repetitions.

    Args:
        simulation: from `simulate`.
        amounts: award -> what one costs, in any one currency. Awards without an amount cost nothing here.

    Returns:
        policy, year (the first four digits of the award's period; else the period), `least`, `p05`, `median`, `p95`,
        `most`: sums that did occur, exact; `mean`. A year in which nothing was granted costs 0.

    Raises:
        LookupError: the policies' rules know no such award.
        ValueError: an amount has no finite decimal form.
    """
    known = {a for p in simulation.scenario.policies.values() for a in p.ruleset.awards}
    unknown = sorted(set(amounts) - known)
    if unknown:
        raise LookupError(f"there is no award {', '.join(map(repr, unknown))}; there are {', '.join(sorted(known))}")
    exact = {name: to_decimal(Fraction(amount)) for name, amount in amounts.items()}
    places = max((-int(a.as_tuple().exponent) for a in exact.values()), default=0)
    whole = {name: int(amount.scaleb(places)) for name, amount in exact.items()}
    awards = simulation.frames["awards"].filter(pl.col("award").is_in(list(exact)))
    year = pl.coalesce(pl.col("period").str.extract(r"^(\d{4})(?:\D|$)"), pl.col("period")).alias("year")
    cost = pl.col("award").replace_strict(whole, return_dtype=pl.Int64) * pl.col("granted")
    spent = awards.with_columns(year).group_by("policy", RUN, "year").agg(cost.sum().alias("cost"))
    every = (
        pl.DataFrame({"policy": list(simulation.scenario.policies)}, schema={"policy": pl.String()})
        .join(spent.select("year").unique(), how="cross")
        .join(_repetitions(simulation), how="cross")
    )
    sums = every.join(spent, on=["policy", RUN, "year"], how="left").with_columns(pl.col("cost").fill_null(0))

    def at(share: float) -> pl.Expr:
        return pl.col("cost").quantile(share, "nearest").cast(pl.Int64)

    found = sums.group_by("policy", "year").agg(
        pl.col("cost").min().alias("least"), at(0.05).alias("p05"), at(0.5).alias("median"), at(0.95).alias("p95"),
        pl.col("cost").max().alias("most"), (pl.col("cost").mean() / 10**places).alias("mean"),
    )  # fmt: skip
    money = ["least", "p05", "median", "p95", "most"]
    return in_order(found, simulation).with_columns(_scaled(found_column, places) for found_column in money)


def _scaled(name: str, places: int) -> pl.Expr:
    """Whole smallest units as decimals."""
    kind = pl.Decimal(38, places)
    return pl.col(name).map_elements(lambda n: Decimal(n).scaleb(-places), return_dtype=kind)


def _repetitions(simulation: Simulation) -> pl.DataFrame:
    """The numbers of the repetitions, as some frame has them."""
    seen: Sequence[pl.DataFrame] = [f.select(RUN) for f in simulation.frames.values()]
    return pl.concat(seen).unique().sort(RUN)
