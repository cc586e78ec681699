"""Run by the tests of streams: takes the files of a folder, one a batch, and may be killed in the midst of it.

stream_of_files.py FOLDER at|after BATCH     dies at the end of counting a batch, or behind keeping it
stream_of_files.py FOLDER all                takes what is left, and writes what became of every batch and the results
"""

import json
import os
import pickle
import signal
import sys
from datetime import date
from pathlib import Path

from messy_programme import programme
from pyspark.sql import SparkSession

import learnorg_rules as lr
from learnorg_rules.spark.stream_state import StreamState

folder, how = Path(sys.argv[1]), sys.argv[2]
doomed = int(sys.argv[3]) if how != "all" else -1
taken: dict[int, bool] = {}


class Mortal(StreamState):
    """A state whose process is killed, by the signal that nothing can catch."""

    def _keep(self, state):
        if state.batch == doomed and how == "at":
            os.kill(os.getpid(), signal.SIGKILL)
        super()._keep(state)
        if state.batch == doomed and how == "after":
            os.kill(os.getpid(), signal.SIGKILL)


spark = (
    SparkSession.builder.master("local[2]")
    .config("spark.ui.enabled", "false")
    .config("spark.sql.shuffle.partitions", "2")
    .config("spark.ui.showConsoleProgress", "false")
    .getOrCreate()
)
spark.sparkContext.setLogLevel("ERROR")
rules, org = programme(folder)
stream = lr.Stream(rules, org, folder / "state", at="2005-12-30", buckets=4)
stream._state = Mortal(
    rules, org, stream.folder, date(2005, 12, 30), {}, {}, 4
)  # opened anew, from what the folder has


def take(frame, batch):
    taken[batch] = stream.take(frame, batch)


source = spark.readStream.format("text").option("maxFilesPerTrigger", 1).load(f"file:{folder}/in")
query = source.writeStream.foreachBatch(take).option("checkpointLocation", f"file:{folder}/checkpoint")
query.trigger(availableNow=True).start().awaitTermination()

result = stream.finalise()
tables = {
    name: getattr(result, name).records
    for name in ("duties", "scorecards", "indicators", "awards", "plans", "decisions")
}
again = stream.finalise(at="2005-06-30", known_at=date(2005, 12, 10))
said = {
    "taken": taken, "tables": tables, "counts": dict(result.counts), "notes": list(result.notes),
    "rejected": result.rejected.to_dicts(), "findings": list(result.findings),
    "june": again.duties.records, "rebuilt": json.dumps(dict(stream._state._state.since)),
}  # fmt: skip
(folder / "said.pickle").write_bytes(pickle.dumps(said))
