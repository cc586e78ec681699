"""A damaged Parquet file ends in a refusal or in rows, never in what is no refusal: some damage makes its reader panic."""

import io
import random
from pathlib import Path

import polars as pl
import pytest

from learnorg_rules.adapters.events.sources import scan_events
from learnorg_rules.counting.port import Wanted
from learnorg_rules.errors import InputError
from learnorg_rules.model.definitions import FieldType

ROWS = {"id": "1", "kind": "session", "unit": "north", "occurred_at": "2005-01-10T10:00:00+08:00", "minutes": 60}


@pytest.mark.parametrize("compression", ["zstd", "snappy", "uncompressed", "gzip", "lz4"])
@pytest.mark.filterwarnings("ignore")
def test_whatever_byte_is_damaged_the_file_is_read_or_refused(tmp_path: Path, compression: str) -> None:
    stream = io.BytesIO()
    pl.DataFrame([ROWS] * 300).write_parquet(stream, compression=compression, row_group_size=100)  # type: ignore[arg-type]
    good, draw, codes = stream.getvalue(), random.Random(1), set()
    for _ in range(200):
        bad = bytearray(good)
        for _ in range(draw.choice((1, 1, 2, 8))):
            near_end = len(bad) - 1 - draw.randrange(min(1500, len(bad)))
            bad[draw.choice((draw.randrange(len(bad)), near_end))] = draw.randrange(256)
        (tmp_path / "e.parquet").write_bytes(bad)
        try:
            scan_events(str(tmp_path / "e.parquet")).read(Wanted({"minutes": FieldType("integer")}))
        except InputError as error:
            codes |= {issue.code for issue in error.issues}
    assert codes <= {"V104", "V106", "V107", "V108"}
    assert "V104" in codes
