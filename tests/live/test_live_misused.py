"""Another thread, and use after close: the library's own error, which says what to do."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from small_live import event, opened

from learnorg_rules.errors import InputError
from learnorg_rules.live import Live

CALLS: dict[str, Callable[[Live], object]] = {
    "post": lambda live: live.post(event("e1", "2005-01-10")),
    "advance": lambda live: live.advance("2005-02-10"),
    "publish": lambda live: live.publish("2005-01"),
    "publications": lambda live: live.publications(),
    "mark": lambda live: live.mark("x"),
    "set_marks": lambda live: live.set_marks({"x": "y"}),
    "close": lambda live: live.close(),
}
THREAD = """\
{path}: S113 is used from another thread than the one that opened it
    hint: open it in that thread, or give its events to the thread that has it (docs/how-to/keep-up-to-date.md)"""
CLOSED = "{path}: S114 is closed\n    hint: open it again (docs/how-to/keep-up-to-date.md)"


@pytest.mark.parametrize("name", CALLS)
def test_another_thread_is_refused_and_the_log_stays_usable(tmp_path: Path, name: str) -> None:
    live = opened(tmp_path / "log", at="2005-01-31")
    caught: list[BaseException] = []

    def other() -> None:
        try:
            CALLS[name](live)
        except BaseException as error:
            caught.append(error)

    thread = threading.Thread(target=other)
    thread.start()
    thread.join()
    (error,) = caught
    assert isinstance(error, InputError)
    assert str(error) == THREAD.format(path=tmp_path / "log")
    assert live.post(event("e2", "2005-01-11")).code == ""
    live.close()


@pytest.mark.parametrize("name", [name for name in CALLS if name != "close"])
def test_use_after_close_is_refused(tmp_path: Path, name: str) -> None:
    live = opened(tmp_path / "log", at="2005-01-31")
    live.close()
    live.close()
    with pytest.raises(InputError) as caught:
        CALLS[name](live)
    assert str(caught.value) == CLOSED.format(path=tmp_path / "log")
