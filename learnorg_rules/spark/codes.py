"""What a run on Spark may refuse."""

from collections.abc import Mapping

from ..errors import InputError, Issue, Source

__all__ = ["CODES", "MEMORY", "refuse"]

MEMORY = "spark.driver.memory where it is local, else spark.executor.memory"  # where Spark is given more

CODES: Mapping[str, tuple[str, str]] = {
    "K101": ("Spark does not start", "Spark runs on Java 17 or later, and none was found or it could not be started; or what was given as its master is no address of a Spark."),
    "K102": ("table or path cannot be read", "Spark knows no such table, or cannot list the path. What Spark says stands in the message."),
    "K103": ("column of a type Spark cannot read", "Spark has no type for the column of this file, such as times in nanoseconds. Write it with microseconds."),
    "K104": ("file too large for one task", "A file of NDJSON, CSV or XES that is not on this machine's file system passes through the memory of one task as a whole, which takes a seventh of it, and 2 GB at most. Cut it, write Parquet, or give Spark more memory."),
    "K105": ("state of another stream", "The folder holds the state of a stream with other rules, another organisation or another day. Open it with those, or begin in a new folder."),
    "K106": ("state out of order", "A batch came whose number does not follow the last one kept. The checkpoint of the stream and this folder do not belong together."),
    "K107": ("Spark ended", f"Java ran out of memory, or its process ended while it worked. Give Spark more memory: {MEMORY}."),
}  # fmt: skip


def refuse(place: str, code: str, message: str, hint: str = "") -> InputError:
    """The refusal, to be raised."""
    return InputError([Issue(Source(place), code, message, hint)])
