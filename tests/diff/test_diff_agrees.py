"""Laws that hold whatever is compared, and a recomputation that knows nothing of the comparison."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading_world import events, organisation, ruleset

import learnorg_rules as lr
from learnorg_rules.diff.moves import compared

FOLDER = "rulesets/zhabei-2003"
AT = "2005-12-31"

changed = st.fixed_dictionaries(
    {},
    optional={
        "enough": st.integers(0, 5).map(str),
        "year.often.share": st.integers(1, 9).map(lambda n: f"sessions / {n}"),
        "year.grades.good": st.integers(1, 90).map(str),
        "cup.quota": st.integers(0, 2).map(lambda n: f'"{n}"'),
        "selectors.offices": st.sampled_from(["units", "north", "units where level == town"]),
    },
)
days = st.dates(date(2005, 1, 1), date(2005, 12, 31)).map(str)
meetings = st.lists(st.tuples(st.sampled_from(["north", "south"]), days, st.integers(0, 300)), max_size=8)


def standing(record):
    return None if record is None else tuple(sorted((k, str(v)) for k, v in compared(record).items()))


@settings(max_examples=25, deadline=None)
@given(settings=changed, sessions=meetings)
def test_itself_moves_nobody_and_swapped_sides_mirror(tmp_path_factory, settings, sessions):
    folder = tmp_path_factory.mktemp("rules")
    old, org = ruleset(folder), organisation(folder)
    new = lr.load(folder / "rules.yaml", set=settings)
    same = lr.compare(new, new, org, events(sessions))
    assert same.is_same
    assert not same.changes
    there, back = (lr.compare(*pair, org, events(sessions)) for pair in ((old, new), (new, old)))
    assert {(m.kind, m.rule, m.subject, m.period, standing(m.old), standing(m.new)) for m in there.moves} == {
        (m.kind, m.rule, m.subject, m.period, standing(m.new), standing(m.old)) for m in back.moves
    }
    assert [[(f.path, f.old, f.new) for f in c.fields] for c in there.changes] == [
        [(f.path, f.new, f.old) for f in c.fields] for c in back.changes
    ]
    assert (len(there.gained), len(there.lost)) == (len(back.lost), len(back.gained))
    for move in there.of("scorecard"):
        if move.points is not None:
            before, after = ({i.indicator: i.points or 0 for i in side.indicators} for side in (move.old, move.new))
            assert move.points == sum(after.values()) - sum(before.values())
    assert all(move.why() and move.why("zh") for move in there.moves)


# ---- the oracle: both assessments as tables, joined; whatever is not alike has moved


@pytest.fixture(scope="module")
def given_programme():
    org = lr.read_org(f"{FOLDER}/example/org")
    events = lr.scan_events(f"{FOLDER}/example/events/*")
    rules = lr.load(FOLDER)
    return rules, org, events, lr.assess(rules, org, events, at=AT)


def joined(old, new, keys, values):
    """Keys of the rows that are not alike; rows of rules that one side lacks are left out."""
    old, new = (frame.select(*keys, *values, there=pl.lit(value=True)) for frame in (old, new))
    rule = keys[0]
    both = set(old[rule]) & set(new[rule])
    rows = old.join(new, on=keys, how="full", coalesce=True, suffix="_new").filter(pl.col(rule).is_in(both))
    differs = [pl.col(name).ne_missing(pl.col(f"{name}_new")) for name in (*values, "there")]
    return set(rows.filter(pl.any_horizontal(differs)).select(keys).rows())


@pytest.mark.parametrize("change", [{"year.forms.points": "10"}, {"items_reading": "19", "regular_min": "2"}])
def test_the_movers_are_those_whose_rows_differ(given_programme, change):
    rules, org, events, before = given_programme
    new = lr.load(FOLDER, set=change)
    found = lr.compare(rules, new, org, events, at=AT)
    after = lr.assess(new, org, events, at=AT)

    def movers(kind):
        return {(m.rule, m.subject, m.period) for m in found.of(kind)}

    def item(frame):
        return frame.with_columns(rule=pl.concat_str("rule", pl.lit("."), "indicator"))

    tables = [
        (r.scorecards.to_polars(), r.duties.to_polars(), r.awards.to_polars(), item(r.indicators.to_polars()))
        for r in (before, after)
    ]
    (totals, duties, awards, items), (totals_new, duties_new, awards_new, items_new) = tables
    assert movers("scorecard") == joined(totals, totals_new, ["rule", "subject", "period"], ["total", "grade"])
    assert movers("duty") == joined(duties, duties_new, ["rule", "subject", "period"], ["status", "above"])
    assert movers("award") == joined(awards, awards_new, ["rule", "subject", "period"], ["rank", "outcome"])
    assert movers("indicator") == joined(items, items_new, ["rule", "subject", "period"], ["points"])
    assert movers("scorecard")
    sizes = [abs(m.points) for m in found.of("scorecard") if m.points is not None]
    assert sizes == sorted(sizes, reverse=True)
    counted = sum(t.moved for t in found.tallies)
    assert counted == len(found.moves)
