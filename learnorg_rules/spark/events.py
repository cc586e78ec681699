"""Events that Spark reads and counts. Making them needs no Spark; using them does, so that is imported in the methods."""

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from attrs import frozen

from ..counting.port import Read, Wanted
from ..extras import extra_for
from ..judging.batch import Outcome
from ..model.ruleset import Ruleset
from ..org.organisation import Organisation
from .origins import Origins, origins_of

__all__ = ["SparkEvents", "spark_events"]


@frozen
class SparkEvents:
    """Events that Spark reads, each time they are asked for. Made by `spark_events`.

    Attributes:
        origins: files, patterns and tables.
        buckets: into how many parts the events are cut; 0: as many as they were read in.
        master: where Spark is started if there is no session; "": where its configuration says.
    """

    origins: Origins
    buckets: int = 0
    master: str = ""

    def assess(
        self,
        ruleset: Ruleset,
        organisation: Organisation,
        at: date | None = None,
        known_at: date | datetime | None = None,
        decider: str = "",
    ) -> Outcome:
        """Judge every rule, the events read and counted by Spark, none of them brought to this process.

        Raises:
            InputError: as for `learnorg_rules.assess`; or Spark does not start (K101), or ends while it works (K107).
            MissingExtraError: Spark is not installed.
        """
        with extra_for("Spark"):
            from .run import assess
        return assess(ruleset, organisation, self.origins, at, known_at, decider, self.buckets, self.master)

    def read(self, wanted: Wanted, progress: Callable[[int, int], None] | None = None) -> Read:
        """Everything, read with Spark and brought to this process. `progress` is not called: Spark shows it by itself.

        Raises:
            InputError: a source cannot be read, or does not have the columns that are needed; or Spark does not start.
            MissingExtraError: Spark is not installed.
        """
        with extra_for("Spark"):
            from .session import session
            from .sources import brought
        return brought(session(self.master), self.origins, wanted)


def spark_events(
    *paths: str | os.PathLike[str],
    tables: Sequence[str] = (),
    columns: Mapping[str, str] | None = None,
    constants: Mapping[str, str] | None = None,
    format: str | None = None,  # noqa: A002 - the word every reader of files uses
    buckets: int = 0,
    master: str = "",
) -> SparkEvents:
    """Events that Spark reads; nothing is read before they are asked for.

    Args:
        paths: files, patterns and folders with everything below them but what begins with "_" or "."; on this machine's
            file system, which every executor must have too, or as a URI such as "hdfs://namenode/events".
        tables: names of tables or views that Spark knows. Their rows have no numbers.
        columns: our name -> the source's name; goes before `records.columns` of the ruleset.
        constants: our name -> the value of every row; goes before `records.constants`.
        format: as for `scan_events`.
        buckets: into how many parts the events are cut, each of which one task holds in memory; default: as many as
            they were read in.
        master: where Spark is started, such as "local[2]" or "yarn", if there is no session yet; default: where its
            configuration says.

    Raises:
        InputError: there is no such file (V101, V102), or its format is not known (V103).
    """
    return SparkEvents(origins_of(paths, tables, columns, constants, format), buckets, master)
