"""About how many rows files have, and how long these are, told by some lines of some of them. A run's memory is estimated from it.

Whatever is wrong with a file is not said here, but when it is read.
"""

import csv
import io
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl
from attrs import frozen
from polars.exceptions import PolarsError

from ...counting.port import Size
from .plan import Plan

__all__ = ["size_of"]

FILES = 20  # that are looked into; the others are taken to be like them
PLACES = 5  # of a file that are looked at: rows may become longer
SAMPLE = 1 << 16  # bytes of a place
ROWS = 250  # of a place
VIEW = 16  # bytes of a text in a column; one of up to `INSIDE` bytes has no others
INSIDE = 12
OBJECTS = 2_000  # bytes of a row of XES, which is objects before it is columns


@frozen
class _Sample:
    """`places`: rows as they stand in a file, those that can be read with ease, of each place that was looked at,
    with how many there are in it.

    `height`: about how many it has; `text`: bytes of one, where they are longest.
    """

    places: Sequence[tuple[int, Sequence[Mapping[str, object]]]]
    height: float
    text: float


def size_of(files: Sequence[tuple[Path, str]], plan: Plan) -> Size:
    """About how much there is to read; nothing, where no file can be read.

    Args:
        files: path and format of each.
        plan: the columns that are read.
    """
    step = -(-len(files) // FILES) or 1
    looked_at = [(path, _sample(path, form, plan)) for path, form in files[::step] if path.is_file()]
    samples = [sample for _, sample in looked_at]
    height = sum(sample.height for sample in samples)
    if not height:
        return Size(0, 0, 0, 0)
    share = sum(path.stat().st_size for path, _ in files if path.is_file()) / sum(
        p.stat().st_size for p, _ in looked_at
    )
    width = sum(s.height * _mean_width(s, plan) for s in samples) / height
    widest = max((_width(rows, plan) for sample in samples for _, rows in sample.places), default=width)
    text = max(sample.text for sample in samples)
    at_once = max((s.height for (_, form), s in zip(files[::step], samples, strict=False) if form == "xes"), default=0)
    return Size(round(height * share), round(width), round(widest), round(text), round(at_once))


def _mean_width(sample: _Sample, plan: Plan) -> float:
    if not sample.places:
        return _width((), plan)
    return sum(n * _width(rows, plan) for n, rows in sample.places) / sum(n for n, _ in sample.places)


def _width(rows: Sequence[Mapping[str, object]], plan: Plan) -> float:
    """The bytes of a row in columns."""
    columns = [*plan.columns, *(column for column, _ in plan.constants.values())]
    found = 2.0 * 4  # where it stands
    for column in columns:
        found += VIEW if column.dtype == pl.String else 1 if column.dtype == pl.Boolean else 8
    keys = {column.key for column in plan.columns if column.dtype == pl.String}
    lengths = (len(value.encode()) for row in rows for key in keys if isinstance(value := row.get(key), str))
    return found + sum(length for length in lengths if length > INSIDE) / max(1, len(rows))


def _sample(path: Path, form: str, plan: Plan) -> _Sample:
    try:
        if form == "parquet":
            return _of_parquet(path, plan)
        pieces, size = _pieces(path)
    except (OSError, PolarsError, zlib.error):
        return _Sample((), 0, 0)
    begin, end = pieces[0], b"<event" if form == "xes" else b"\n"
    pieces = [piece for piece in pieces if end in piece] or pieces[:1]  # in a hole there are no rows
    counts = [piece.count(end) for piece in pieces]
    text = sum(map(len, pieces)) / max(1, sum(counts))
    longest = max(len(piece) / max(1, count) for piece, count in zip(pieces, counts, strict=True))
    if form == "xes":
        return _Sample((), size / max(1.0, text), longest + OBJECTS)
    header = begin.partition(b"\n")[0] + b"\n"
    if form == "csv":
        places = [list(_of_csv(piece if piece is begin else header + piece)) for piece in pieces]
    else:
        places = [list(_of_json(piece)) for piece in pieces]
    return _Sample([(max(1, n), rows) for n, rows in zip(counts, places, strict=True)], size / max(1.0, text), longest)


def _of_parquet(path: Path, plan: Plan) -> _Sample:
    lazy = pl.scan_parquet(path, glob=False)
    texts = [key for key, dtype in lazy.collect_schema().items() if key in plan.keys and dtype == pl.String]
    height = lazy.select(pl.len()).collect().item()
    starts = [max(0, height - ROWS) * place // (PLACES - 1) for place in range(PLACES)]
    places = [lazy.select(texts).slice(start, ROWS).collect().to_dicts() for start in starts]
    return _Sample([(1, rows) for rows in places], height, 0)


def _pieces(path: Path) -> tuple[list[bytes], float]:
    """Some bytes of each place, unpacked, whole lines but for the first piece; and about how many there are in all.

    What is packed is looked at in one place, its beginning.
    """
    size = path.stat().st_size
    starts = (
        [0]
        if path.suffix == ".gz" or size < PLACES * SAMPLE
        else [(size - SAMPLE) * place // (PLACES - 1) for place in range(PLACES)]
    )
    pieces = []
    with path.open("rb") as stream:
        for start in starts:
            stream.seek(start)
            data = stream.read(SAMPLE if len(starts) > 1 else PLACES * SAMPLE)
            pieces.append(data.partition(b"\n")[2] if start else data)
    if path.suffix != ".gz":
        return pieces, size
    data = pieces[0]
    unpacking = zlib.decompressobj(16 + zlib.MAX_WBITS)
    unpacked = unpacking.decompress(data, PLACES * SAMPLE)
    taken = len(data) - len(unpacking.unconsumed_tail) - len(unpacking.unused_data)
    return [unpacked], size * len(unpacked) / max(1, taken)


def _of_json(data: bytes) -> Iterator[Mapping[str, object]]:
    for line in data.splitlines()[:ROWS]:
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict):
            yield row


def _of_csv(data: bytes) -> Iterator[Mapping[str, object]]:
    for number, row in enumerate(csv.DictReader(io.StringIO(data.decode(errors="replace"), newline=""))):
        if number == ROWS:
            return
        yield row
