"""A process that forks a worker for every line it is given; the worker posts, advances and keeps snapshots until it is killed.

What was done is said on stdout once the call has returned: "did" and the ids posted, or "day" and the day judged.
"""

import os
import random
import sys
import traceback
from datetime import date, timedelta
from pathlib import Path

from small_live import BY_MONTH, event, opened, programme

import learnorg_rules.live  # noqa: F401  # before the first fork

BATCH = 6


def say(*words: object) -> None:
    """One line, at once."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def work(store: Path, seed: int) -> None:
    """Until the end comes."""
    draw = random.Random(seed)
    with opened(store, rules=BY_MONTH) as live:
        assert live.at is not None
        number = 0
        while True:
            what = draw.choice(["one", "one", "one", "many", "again", "advance", "snapshot"])
            if what in ("one", "many"):
                rows = []
                for _ in range(1 if what == "one" else BATCH):
                    number += 1
                    on = date(2005, 1, 1) + timedelta(draw.randrange(100))
                    earlier = f"{seed}-{draw.randrange(number)}"
                    role = draw.choice([{}, {}, {}, {"corrects": earlier}, {"voids": earlier}])
                    rows.append(event(f"{seed}-{number}", on.isoformat(), draw.choice("ab"), **role))
                live.post_many(rows)
                say("did", *(row["id"] for row in rows))
            elif what == "again" and seed:
                live.post(event("first", "2005-01-03"))
                say("again")
            elif what == "advance" and live.at < date(2006, 12, 1):
                live.advance(live.at + timedelta(draw.randrange(1, 4)))
                say("day", live.at)
            elif what == "snapshot":
                live.snapshot()


def main() -> None:
    """Fork for every line, which holds a seed, and wait until the worker is no more."""
    store = Path(sys.argv[1])
    programme(
        BY_MONTH
    )  # read and imported before the first fork; no frame is touched, for the threads of Polars do not survive one
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            say("pid", os.getpid())
            try:
                work(store, int(line))
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(1)  # a fault of ours must not go on as a second parent
        os.waitpid(pid, 0)
        say("end")


if __name__ == "__main__":
    main()
