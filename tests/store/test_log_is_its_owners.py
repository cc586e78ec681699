import os
import stat

import pytest

from learnorg_rules.errors import InputError
from learnorg_rules.store import Log, New


def modes(folder):
    return {p.name: stat.S_IMODE(p.stat().st_mode) for p in folder.iterdir()}


def test_a_log_is_read_and_written_by_its_owner_only(tmp_path):
    before = os.umask(0)
    try:
        with Log.open(tmp_path / "log.db") as log:
            log.append([New("event", "hr", "1", None, "{}")])
            assert modes(tmp_path) == dict.fromkeys(modes(tmp_path), 0o600)
            assert {"log.db", "log.db-wal", "log.db-shm", "log.db-writer"} <= set(modes(tmp_path))
    finally:
        os.umask(before)


def test_the_rights_that_an_owner_gave_stay(tmp_path):
    Log.open(tmp_path / "log.db").close()
    (tmp_path / "log.db").chmod(0o640)
    Log.open(tmp_path / "log.db").close()
    assert modes(tmp_path)["log.db"] == 0o640


def test_no_log_begins_through_a_link_to_nothing(tmp_path):
    (tmp_path / "log.db").symlink_to(tmp_path / "elsewhere.db")
    for writer in (True, False):
        with pytest.raises(InputError) as error:
            Log.open(tmp_path / "log.db", writer)
        (issue,) = error.value.issues
        said = ("S101", "is a symbolic link to a file that is not there", "name the file itself")
        assert (issue.code, issue.message, issue.hint) == said
    assert [p.name for p in tmp_path.iterdir()] == ["log.db"]
