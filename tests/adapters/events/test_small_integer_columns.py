"""Meaning: a column of small integers is read as any column of integers."""

from datetime import UTC, datetime

import polars as pl
import pytest

from learnorg_rules.adapters.events.sources import FrameEvents
from learnorg_rules.counting.port import Wanted
from learnorg_rules.model.definitions import FieldType


@pytest.mark.parametrize("type_", [pl.Int8, pl.Int16, pl.Int32, pl.UInt8, pl.UInt16, pl.UInt32, pl.Int64, pl.UInt64])
@pytest.mark.parametrize("places", [0, 2])
def test_integers_of_every_size_count_by_their_value(type_, places):
    frame = pl.DataFrame(
        {
            "id": ["a", "b", "c"], "kind": "forum", "unit": "u", "occurred_at": datetime(2005, 4, 1, tzinfo=UTC),
            "minutes": pl.Series([0, 127, None], dtype=type_),
        }
    )  # fmt: skip
    wanted = Wanted({"minutes": FieldType("decimal" if places else "integer", places=places)})
    read = FrameEvents(frame).read(wanted)
    assert read.frame["minutes"].to_list() == [0, 127 * 10**places, None]
    assert read.rejected.height == 0
