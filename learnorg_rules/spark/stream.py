"""Results that follow a stream of Structured Streaming. Importing this needs no Spark; opening a stream does."""

import os
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ..api import Result
from ..counting.port import Read, Wanted
from ..extras import extra_for
from ..model.ruleset import Ruleset
from ..org.organisation import Organisation
from ..periods import day_of

if TYPE_CHECKING:  # an extra: not in every installation
    from pyspark.sql import DataFrame

__all__ = ["Stream"]

BUCKETS = 32


class Stream:
    """Events that come in batches, kept in a folder that survives, and results of all that came. One process at a time.

    Attributes:
        folder: where the state is.
        batch: the number of the last batch that was kept; -1: none was.
        buckets: into how many parts the state is cut.
    """

    def __init__(
        self,
        rules: Ruleset,
        org: Organisation,
        folder: str | os.PathLike[str],
        at: date | str | None = None,
        columns: Mapping[str, str] | None = None,
        constants: Mapping[str, str] | None = None,
        buckets: int = BUCKETS,
    ) -> None:
        """Open the state in a folder, or begin one.

        Args:
            rules: from `load`.
            org: from `read_org`.
            folder: on a file system that this process and all executors have.
            at: the day that is judged without counting anything anew; default: the last day of the rules.
            columns: our name -> the stream's name; goes before `records.columns` of the ruleset.
            constants: our name -> the value of every row; goes before `records.constants`.
            buckets: into how many parts a new state is cut; one is counted anew when a row in it becomes linked.

        Raises:
            InputError: the folder holds another stream's state (K105), or the organisation does not fit the rules.
            MissingExtraError: Spark is not installed.
        """
        with extra_for("Spark"):
            from .stream_state import StreamState
        self.folder = Path(folder).absolute()
        day = None if at is None else day_of(at)
        self._state = StreamState(rules, org, self.folder, day, columns or {}, constants or {}, buckets)

    @property
    def batch(self) -> int:
        """The number of the last batch that was kept; -1: none was."""
        return self._state.batch

    @property
    def buckets(self) -> int:
        """Into how many parts the state is cut."""
        return self._state.buckets

    def take(self, frame: "DataFrame", batch: int) -> bool:
        """Keep one batch, as `writeStream.foreachBatch(stream.take)` calls it; False where it was kept before.

        Args:
            frame: events by column, as in a Parquet file; or one column `value` of texts or bytes, each an event as in a
                line of NDJSON.
            batch: its number.

        Raises:
            InputError: a column is missing or of a wrong type (V106 to V108), or a batch before this one is not there (K106).
        """
        return self._state.take(frame, batch)

    def finalise(self, at: date | str | None = None, known_at: date | datetime | None = None) -> Result:
        """Results at the end of a day, by all that was kept.

        Args:
            at: the day judged; default: the one the stream was opened with. For another all rows are counted anew.
            known_at: events recorded later are not looked at; all rows are counted anew.

        Raises:
            InputError: Spark ends while it works (K107).
        """
        return Result.of(self._state.finalise(None if at is None else day_of(at), known_at))

    def read(self, wanted: Wanted, progress: Callable[[int, int], None] | None = None) -> Read:
        """All rows that were kept, brought to this process: a stream is a source of events too."""
        return self._state.read(wanted)
