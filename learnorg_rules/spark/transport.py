"""Frames on their way between Spark and Polars.

Rows that were read travel as columns, so that Spark can hash and join them; everything computed travels as bytes, because
Spark has no type for integers of 128 bits.
"""

import io
from collections.abc import Iterable, Iterator, Mapping

import polars as pl
import pyarrow as pa
from attrs import frozen

from ..counting.port import ENVELOPE, INSTANT, Wanted, dtype_of
from ..outofcore.buckets import Payload

__all__ = ["PAYLOAD", "Columns", "from_bytes", "payloads", "to_bytes"]

BATCH = 16_384  # rows of one Arrow batch
PAYLOAD = "what string, number bigint, payload binary"

_ARROW: Mapping[pl.DataType, tuple[pa.DataType, str]] = {
    pl.String(): (pa.string(), "string"),
    pl.Int64(): (pa.int64(), "bigint"),
    pl.Boolean(): (pa.bool_(), "boolean"),
    pl.Date(): (pa.date32(), "date"),
    INSTANT: (pa.timestamp("us", "UTC"), "timestamp"),
}
_PLACE: Mapping[str, pl.DataType] = {"file": pl.Int64(), "row": pl.Int64()}
_ASIDE: Mapping[str, pl.DataType] = {"_code": pl.String(), "_reason": pl.String()}  # no field begins with "_"


@frozen
class Columns:
    """The columns of rows that were read, as Spark has them: by number, for Spark does not tell capitals from small letters.

    Behind those of `Read.frame` stand `_code` and `_reason`: null, but in rows that are no events. Those are rows that were
    put aside as they were read, "#undeclared" (in `_reason` the name of a column nobody asked for) and "#issue" (in
    `_reason` a fault that refuses a file).
    """

    types: Mapping[str, pl.DataType]

    @classmethod
    def of(cls, wanted: Wanted) -> "Columns":
        """Those of what is wanted."""
        fields = {name: dtype_of(type_.type) for name, type_ in wanted.fields.items() if name not in ENVELOPE}
        return cls({**ENVELOPE, **fields, **_PLACE, **_ASIDE})

    def spark(self, name: str) -> str:
        """What Spark calls the column."""
        return f"c{list(self.types).index(name)}"

    @property
    def ddl(self) -> str:
        """The schema, as Spark reads it."""
        return ", ".join(f"c{i} {_ARROW[type_][1]}" for i, type_ in enumerate(self.types.values()))

    def batches(self, frame: pl.DataFrame) -> Iterator[pa.RecordBatch]:
        """The rows of a frame for Spark; a column it lacks is null."""
        full = frame.select(
            (pl.col(name) if name in frame.columns else pl.lit(None)).cast(type_).alias(f"c{i}")
            for i, (name, type_) in enumerate(self.types.items())
        )
        schema = pa.schema([(f"c{i}", _ARROW[type_][0]) for i, type_ in enumerate(self.types.values())])
        for start in range(0, full.height, BATCH):
            piece = full.slice(start, BATCH).rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
            yield from piece.cast(schema).to_batches()

    def frame(self, batches: Iterable[pa.RecordBatch] | pa.Table) -> pl.DataFrame:
        """The rows back from Spark, with the types of `Read.frame` and `_code` and `_reason`."""
        tables = [batches] if isinstance(batches, pa.Table) else [pa.Table.from_batches([b]) for b in batches]
        schema = {f"c{i}": type_ for i, type_ in enumerate(self.types.values())}
        frames = []
        for table in tables:
            raw = pl.DataFrame(pl.from_arrow(table))
            # Spark writes times with the zone of its session, which is only how they are shown.
            zoned = [
                pl.col(name).dt.convert_time_zone("UTC") if type_ == INSTANT else pl.col(name)
                for name, type_ in schema.items()
            ]
            frames.append(raw.select(zoned).cast(pl.Schema(schema)))
        found = pl.concat(frames) if frames else pl.DataFrame(schema=schema)
        named = found.rename({f"c{i}": name for i, name in enumerate(self.types)})
        return named.with_columns(pl.col("file", "row").cast(pl.UInt32))


def to_bytes(frame: pl.DataFrame) -> bytes:
    """A frame as bytes, of whatever types."""
    buffer = io.BytesIO()
    frame.write_ipc(buffer, compression="lz4")
    return buffer.getvalue()


def from_bytes(data: bytes) -> pl.DataFrame:
    """The frame back."""
    return pl.read_ipc(io.BytesIO(data))


def payloads(found: Iterable[Payload]) -> Iterator[pa.RecordBatch]:
    """What was computed, one table a batch, for Spark."""
    for what, number, frame in found:
        yield pa.RecordBatch.from_pydict(
            {
                "what": pa.array([what]),
                "number": pa.array([number], pa.int64()),
                "payload": pa.array([to_bytes(frame)], pa.binary()),
            }
        )
