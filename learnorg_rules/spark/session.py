"""The session a run goes through: the caller's, else one of its own."""

import os
import sys

from pyspark.errors import PySparkRuntimeError
from pyspark.sql import SparkSession

from .codes import refuse

__all__ = ["session"]


def session(master: str = "") -> SparkSession:
    """The session of this process that is there already, else a new one.

    Args:
        master: where a new one runs, such as "local[2]" or "yarn"; default: what Spark is configured with.

    Raises:
        InputError: Spark cannot be started (K101).
    """
    found = SparkSession.getActiveSession()
    if found is not None:
        return found
    # Executors on this machine run the Python that runs here, not whichever the shell finds first.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("learnorg_rules")
    if master:
        builder = builder.master(master)
    try:
        return builder.getOrCreate()
    except PySparkRuntimeError as error:
        reason = str(error).splitlines()[0]
        raise refuse("spark", "K101", f"Spark did not start: {reason}", "install Java 17, or set JAVA_HOME") from None
