"""Two results are the same, record by record and byte by byte."""

TABLES = ("duties", "scorecards", "indicators", "awards", "plans", "decisions")


def assert_same(one, other, rows=True):
    """`rows`: also where rejected events stand."""
    for name in TABLES:
        assert getattr(one, name).records == getattr(other, name).records, name
        assert getattr(one, name).to_polars().equals(getattr(other, name).to_polars()), name
    assert one.counts == other.counts
    assert list(one.findings) == list(other.findings)
    assert list(one.notes) == list(other.notes)
    assert list(one.assumed) == list(other.assumed)
    if rows:
        assert one.rejected.to_dicts() == other.rejected.to_dicts()
    else:
        what = ["id", "code", "reason"]
        assert (
            one.rejected.select(what).sort(what, nulls_last=True).to_dicts()
            == other.rejected.select(what).sort(what, nulls_last=True).to_dicts()
        )
