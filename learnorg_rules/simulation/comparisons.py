"""Policies side by side on common random numbers: each repetition is compared with itself under the first policy."""

from collections.abc import Mapping, Sequence

import polars as pl
from attrs import field, frozen

from .answers import in_order
from .intervals import mean_interval
from .results import Simulation

__all__ = ["PolicyComparison", "compare_policies"]

RUN = "repetition"


@frozen
class PolicyComparison:
    """What other policies change against `base`, the scenario's first.

    Every table has `n` repetitions that have the result on both sides, the mean `difference` (policy minus base) with a 95 %
    interval `low`, `high` (Student's; null below two repetitions), the shares of repetitions in which it is `more` and
    `less`, and a `verdict`: "more" or "less" where the interval leaves out 0, "same" where no repetition differs, else
    "unclear".

    `totals`: points by scorecard, subject and period. `means`: points of all subjects on average, by scorecard and period.
    `awards`: times granted, by award and subject. `duties`: share missed of what was settled, by duty. `events`: events that
    happened, by behaviour.
    """

    base: str
    totals: pl.DataFrame = field(repr=False)
    means: pl.DataFrame = field(repr=False)
    awards: pl.DataFrame = field(repr=False)
    duties: pl.DataFrame = field(repr=False)
    events: pl.DataFrame = field(repr=False)

    @property
    def frames(self) -> Mapping[str, pl.DataFrame]:
        """The tables by name."""
        return {
            "totals": self.totals, "means": self.means, "awards": self.awards, "duties": self.duties,
            "events": self.events,
        }  # fmt: skip

    def gains(self, policy: str) -> Sequence[str]:
        """Subjects that clearly have more points in some period and in none clearly fewer, by id."""
        return self._who(policy, "more", "less")

    def loses(self, policy: str) -> Sequence[str]:
        """Subjects that clearly have fewer points in some period and in none clearly more, by id."""
        return self._who(policy, "less", "more")

    def _who(self, policy: str, yes: str, no: str) -> Sequence[str]:
        ours = self.totals.filter(pl.col("policy") == policy)
        found = [set(ours.filter(pl.col("verdict") == v)["subject"]) for v in (yes, no)]
        return sorted(found[0] - found[1])


def compare_policies(simulation: Simulation) -> PolicyComparison:
    """What each policy changes against the first one.

    Raises:
        ValueError: no repetition ran through.
    """
    if not simulation.done:
        raise ValueError("no repetition ran through, so there is nothing to compare")
    frames = simulation.frames
    base = next(iter(simulation.scenario.policies))
    totals = frames["totals"].select("policy", RUN, "scorecard", "subject", "period", pl.col("total").alias("value"))
    grants = frames["awards"].group_by("policy", RUN, "award", "subject").agg(pl.col("granted").sum().alias("value"))
    settled = frames["duties"].filter(pl.col("status").is_in(["met", "met_late", "missed"]))
    missed = settled.group_by("policy", RUN, "duty").agg((pl.col("status") == "missed").mean().alias("value"))
    happened = frames["events"].group_by("policy", RUN, "behaviour").agg(pl.col("events").sum().alias("value"))

    def against(frame: pl.DataFrame, keys: Sequence[str], zero: bool = False) -> pl.DataFrame:
        return in_order(_paired(_filled(frame, keys, simulation) if zero else frame, keys, base), simulation)

    by_subject = ["scorecard", "subject", "period"]
    both = _joined(totals, by_subject, base)  # a mean over different subjects would be no comparison
    means = both.group_by("policy", RUN, "scorecard", "period").agg(pl.col("difference").mean())
    return PolicyComparison(
        base,
        against(totals, by_subject),
        in_order(_summed(means, ["scorecard", "period"]), simulation),
        against(grants, ["award", "subject"], zero=True),
        against(missed, ["duty"]),
        against(happened, ["behaviour"], zero=True),
    )


def _filled(frame: pl.DataFrame, keys: Sequence[str], simulation: Simulation) -> pl.DataFrame:
    """With 0 where a policy or repetition has no row: nothing was granted, nothing happened."""
    runs = frame.select(RUN).unique()
    policies = pl.DataFrame({"policy": list(simulation.scenario.policies)}, schema={"policy": pl.String()})
    every = policies.join(runs, how="cross").join(frame.select(keys).unique(), how="cross")
    return every.join(frame, on=["policy", RUN, *keys], how="left").with_columns(pl.col("value").fill_null(0))


def _joined(frame: pl.DataFrame, keys: Sequence[str], base: str) -> pl.DataFrame:
    of_base = frame.filter(pl.col("policy") == base).drop("policy")
    others = frame.filter(pl.col("policy") != base)
    both = others.join(of_base, on=[RUN, *keys], suffix="_base")
    value, before = pl.col("value").cast(pl.Float64), pl.col("value_base").cast(pl.Float64)
    return both.with_columns((value - before).alias("difference")).filter(pl.col("difference").is_not_null())


def _paired(frame: pl.DataFrame, keys: Sequence[str], base: str) -> pl.DataFrame:
    return _summed(_joined(frame, keys, base), keys)


def _summed(differences: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    d = pl.col("difference")
    found = differences.sort("policy", RUN, *keys).group_by("policy", *keys, maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("n"), d.mean(), d.std().alias("deviation"),
        (d > 0).mean().alias("more"), (d < 0).mean().alias("less"),
    )  # fmt: skip
    low, high = mean_interval(d, pl.col("deviation"), pl.col("n"))
    verdict = (
        pl.when((pl.col("more") == 0) & (pl.col("less") == 0)).then(pl.lit("same"))
        .when(pl.col("low") > 0).then(pl.lit("more"))
        .when(pl.col("high") < 0).then(pl.lit("less"))
        .otherwise(pl.lit("unclear"))
    )  # fmt: skip
    return (
        found.with_columns(low.alias("low"), high.alias("high"))
        .with_columns(verdict.alias("verdict"))
        .select("policy", *keys, "n", "difference", "low", "high", "more", "less", "verdict")
    )
