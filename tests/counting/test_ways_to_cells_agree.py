"""Agree: the cells are the same by signatures or not, in one pass or several, of all events at once or in parts."""

import random
from datetime import date

import polars as pl
import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_batch_against_a_naive_oracle import FIRST, HEAD, LAST, UNITS, aggregates, histories, organisations

import learnorg_rules as lr
from learnorg_rules.counting.binding import bind
from learnorg_rules.counting.cells import compute_cells, kernels_of, read_by_kernels, wanted
from learnorg_rules.counting.ingest import PLACES, ingest
from learnorg_rules.counting.kernel import CUBE, PASS, passes
from learnorg_rules.counting.widths import Widths, widths_of
from learnorg_rules.dataflow.build import build

SETTINGS = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


def programme(folder, texts, as_="as_it_was", every="month", for_="units"):
    rules = folder / "ruleset.yaml"
    measures = "".join(f"  m{i}: '{t}'\n" for i, t in enumerate(texts))
    duties = "".join(
        f"  d{i}: {{for: {for_}, every: {every}, require: m{i} is not missing}}\n" for i in range(len(texts))
    )
    rules.write_text(HEAD.replace("AS", as_) + "measures:\n" + measures + "duties:\n" + duties, encoding="utf-8")
    return lr.load(rules)


def bound(rules, org, rows, at):
    binding = bind(rules, org, at)
    found = ingest(lr.events_from(rows).read(wanted(rules)), rules, org)
    return binding, build(rules, org, at, binding.parameters), found


def values(cells):
    return {number: (found.values, found.scale, found.weight_scale) for number, found in cells.items()}


TEXTS = st.lists(aggregates(), min_size=1, max_size=6, unique=True)


@SETTINGS
@given(
    TEXTS, organisations(), histories(), st.sampled_from(["as_it_was", "as_now"]), st.sampled_from(["units", "persons"]),
    st.dates(FIRST, LAST), st.randoms(use_true_random=False), st.sampled_from([2**6, 2**62, 2**90, 2**200]),
)  # fmt: skip
def test_events_by_signature_by_condition_and_in_merged_parts_give_the_same_cells(
    tmp_path, texts, org, rows, as_, for_, at, draw, largest
):
    binding, dataflow, found = bound(programme(tmp_path, texts, as_, for_=for_), org, rows, at)
    kernels, closures = kernels_of(binding, dataflow)
    whole = read_by_kernels(found.rows, binding, dataflow, closures)
    cuts = sorted(draw.randrange(found.frame.height + 1) for _ in range(2))
    parts = [found.frame[i:j] for i, j in zip([0, *cuts], [*cuts, found.frame.height], strict=True)]
    draw.shuffle(parts)
    bases = [read_by_kernels(part, binding, dataflow, closures) for part in parts]
    here = Widths(dict.fromkeys(("minutes", "score"), largest), 100)  # whatever is said of the widths
    for kernel in kernels:
        kernel.by_signature = False
        expected = values(kernel.cells(kernel.partial(whole, here)))
        assert values(kernel.cells(kernel.merge([kernel.partial(base, here) for base in bases]))) == expected
        kernel.by_signature = True
        assert values(kernel.cells(kernel.partial(whole, here))) == expected
        partials = [kernel.partial(base, here) for base in bases]
        assert values(kernel.cells(kernel.merge([kernel.merge(partials[:2]), partials[2]]))) == expected


@SETTINGS
@given(TEXTS, organisations(), histories(), st.dates(FIRST, LAST), st.integers(1, 3))
def test_several_passes_give_the_cells_of_one(tmp_path, texts, org, rows, at, limit):
    binding, dataflow, found = bound(programme(tmp_path, texts, every="quarter"), org, rows, at)
    scans = [part for scan in dataflow.scans for part in passes(scan, limit)]
    assert all(len(scan.queries) <= limit for scan in scans)
    once = values(compute_cells(found.rows, binding, dataflow))
    assert values(compute_cells(found.rows, binding, evolve(dataflow, scans=scans))) == once


def test_a_pass_of_few_aggregates_is_the_family_itself(tmp_path):
    rules = programme(tmp_path, ["count(exam where passed)", "months(poll)"])
    org = lr.read_org(_organisation(tmp_path))
    dataflow = build(rules, org, LAST, bind(rules, org, LAST).parameters)
    assert all(passes(scan) == [scan] for scan in dataflow.scans)


@pytest.mark.parametrize("count", [CUBE, PASS])
def test_as_many_signatures_as_events_change_nothing_and_do_not_come_with_more_conditions_than_the_cap(tmp_path, count):
    texts = [f"sum(minutes in exam where minutes >= {i})" for i in range(count - 1)]
    draw = random.Random(count)
    rows = [
        {
            "id": f"e{i}",
            "kind": "exam",
            "unit": draw.choice(list(UNITS)),
            "occurred_at": f"2005-{draw.randint(1, 6):02}-{draw.randint(1, 28):02}T00:00:00Z",
            "minutes": i % count,
        }
        for i in range(400)
    ]
    here = lr.read_org(_organisation(tmp_path))
    binding, dataflow, found = bound(programme(tmp_path, [*texts, "count(exam)"]), here, rows, LAST)
    kernels, closures = kernels_of(binding, dataflow)
    (kernel,) = kernels
    assert kernel.by_signature is (len(kernel.scan.conditions) <= CUBE)
    base = read_by_kernels(found.rows, binding, dataflow, closures)
    partial = kernel.partial(base, widths_of(found.frame, [kernel.scan]))
    assert partial.height <= 6 * len(UNITS)  # months, units: never more rows, however many signatures there are
    cells = values(kernel.cells(partial))
    kernel.by_signature = not kernel.by_signature
    assert values(kernel.cells(kernel.partial(base, widths_of(found.frame, [kernel.scan])))) == cells


def _organisation(folder):
    levels = {"d": "district", "a": "department", "b": "department", "a1": "section", "a2": "section", "b1": "section"}
    lines = [
        f"  - {{id: {unit}, level: {levels[unit]}" + (f", part_of: {above}}}" if above else "}")
        for unit, above in UNITS.items()
    ]
    (folder / "org.yaml").write_text("units:\n" + "\n".join(lines), encoding="utf-8")
    return folder / "org.yaml"


# ---- what ingest hands over


def test_the_events_that_count_are_the_same_lazily_and_in_a_frame_of_their_own(tmp_path):
    rules, org = programme(tmp_path, ["count(exam)"]), lr.read_org(_organisation(tmp_path))
    rows = [
        {"id": "1", "kind": "exam", "unit": "a", "occurred_at": "2005-02-01T00:00:00Z"},
        {"id": "1", "kind": "exam", "unit": "a", "occurred_at": "2005-02-01T00:00:00Z"},
        {"id": "2", "kind": "exam", "unit": "nowhere", "occurred_at": "2005-02-01T00:00:00Z"},
        {"id": "3", "kind": "poll", "unit": "b1", "occurred_at": "2005-03-01T20:00:00Z"},
    ]
    found = ingest(lr.events_from(rows).read(wanted(rules)), rules, org)
    assert found.rows.height == 4
    assert sorted(found.frame["id"]) == ["1", "3"]
    assert found.frame.equals(found.lazy().drop(PLACES).collect())
    assert sorted(found.days) == [date(2005, 2, 1), date(2005, 3, 2)]
    assert not set(PLACES) & set(found.frame.columns)
    kinds = pl.Series(list(rules.events)).gather(found.rows[":kind"]).to_list()
    assert kinds == found.rows["kind"].to_list()
