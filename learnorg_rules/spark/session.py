"""The session a run goes through: the caller's, else one of its own; and what is said when it ends before its time."""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from py4j.protocol import Py4JError, Py4JJavaError
from pyspark.errors import PySparkException, PySparkRuntimeError
from pyspark.sql import SparkSession

from .codes import MEMORY, refuse

__all__ = ["end_of_java_told", "session"]

_COUNT = r"[1-9][0-9]*"
_MASTER = re.compile(
    rf"local(\[({_COUNT}|\*)(, *{_COUNT})?\])?|local-cluster\[{_COUNT}, *{_COUNT}, *{_COUNT}\]"
    r"|yarn|(spark|k8s)://\S+"
)


def session(master: str = "") -> SparkSession:
    """The session of this process that is there already, else a new one.

    Args:
        master: where a new one runs, such as "local[2]" or "yarn"; default: what Spark is configured with.

    One that is started here is quiet: only errors are logged, and bars of progress are for a terminal.

    Raises:
        InputError: `master` is no address, or Spark cannot be started (K101).
    """
    if master and not _MASTER.fullmatch(master):
        # Spark itself would end with a stack trace, as if there were no Java.
        expected = "expected local[2], yarn, spark://host:port or k8s://..."
        raise refuse("spark", "K101", f"{master!r} is no address of Spark, {expected}")
    found = SparkSession.getActiveSession()
    if found is not None:
        return found
    # Executors on this machine run the Python that runs here, not whichever the shell finds first.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("learnorg_rules").config("spark.log.level", "ERROR")
    if not sys.stderr.isatty():
        builder = builder.config("spark.ui.showConsoleProgress", "false")
    if master:
        builder = builder.master(master)
    try:
        return builder.getOrCreate()
    except PySparkRuntimeError as error:
        reason = str(error).splitlines()[0]
        raise refuse("spark", "K101", f"Spark did not start: {reason}", "install Java 17, or set JAVA_HOME") from None


@contextmanager
def end_of_java_told() -> Iterator[None]:
    """Around what Spark does: where Java runs out of memory it mostly takes the process of Spark with it.

    Raises:
        InputError: it did (K107).
    """
    try:
        yield
    except (PySparkException, Py4JError, ConnectionError) as error:
        short = "OutOfMemoryError" in str(error)
        if isinstance(error, PySparkException | Py4JJavaError) and not short:
            raise
        what = "Java ran out of memory" if short else "the process of Spark ended while it worked"
        raise refuse("spark", "K107", what, f"give Spark more memory: {MEMORY}") from None
