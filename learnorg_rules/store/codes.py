"""What can be wrong with the file of a log, and what SQLite's errors mean to whoever owns it."""

import sqlite3
from collections.abc import Mapping

from ..errors import InputError, Issue, Source

__all__ = ["CODES", "refusal", "translated"]

CODES: Mapping[str, tuple[str, str]] = {
    "S101": ("no log there", "The file to read does not exist or holds nothing yet, or the folder to write it in does not exist. A log begins when it is first opened for writing."),
    "S102": ("not a log", "The file is no SQLite database, or one of another program. It was left as it is. Name another file; where it should be a log, restore it from a copy."),
    "S103": ("log of another format", "The log was written by a newer version of this library, or by an older one and is only being read. Install the newer version, or open the log for writing once, which brings it up to date."),
    "S104": ("damaged log", "The file is cut short or was changed by something other than this library. Nothing of it is used. Restore it from a copy, with its `-wal` file where there is one; the events can also be sent again to a new log."),
    "S105": ("log cannot be written", "The file, its folder, or the files SQLite keeps beside it (`-wal`, `-shm`, `-writer`) cannot be opened or written. Give the rights, or copy the log to a folder that can be written; reading needs one too."),
    "S106": ("log has a writer", "Another process, or another part of this one, has the log open for writing. There is one writer at a time; any number may read. The lock goes with its process, however that ends."),
    "S107": ("log is busy", "Another program held the database for longer than a writer waits. Nothing was written. Close that program and do it again."),
    "S108": ("disk full", "There is no room for what was to be written. Nothing of it was kept, and all that was acknowledged before is there. Make room and send it again."),
    "S109": ("disk error", "The system refused to read or write the file. What was acknowledged before is kept; whether the last entries are, shows when they are sent again. Look at the disk, the quota and the limits of the process."),
    "S110": ("damaged snapshot", "A saved state does not have the digest it was saved with. It is not used: the state is computed from an older snapshot, or from the whole log."),
    "S111": ("text that cannot be kept", "A text holds half of a surrogate pair, which is no character, so that it has no UTF-8 form. Nothing of its batch was written. Put the text right where it is made."),
    "S113": ("log used from another thread", "A log, and the `Live` that holds it, is used from the thread that opened it. Open one in each thread (readers may be many), or hand what comes to the one thread by a queue: see the how-to on keeping results up to date."),
    "S114": ("log is closed", "The log, or the `Live` that holds it, was closed before. Open it again; all that was acknowledged is there."),
    "S112": ("record too large", "One text or snapshot is larger than SQLite keeps in one place, about 1 GB. Nothing was written. Assess in smaller parts."),
}  # fmt: skip

HINTS = {
    "S102": "name another file, or restore this one from a copy",
    "S104": "restore it from a copy, or send the events again to a new log",
    "S105": "give the right to write the file and its folder, or copy the log to where you have it",
    "S107": "close the other program that uses the file, and do it again",
    "S108": "make room and send it again; all that was acknowledged before is kept",
    "S109": "look at the disk, the quota and the limits of the process; then send it again",
    "S112": "assess in smaller parts",
    "S113": "open it in that thread, or give its events to the thread that has it (docs/how-to/keep-up-to-date.md)",
    "S114": "open it again (docs/how-to/keep-up-to-date.md)",
}
MISUSED = {"S113": "is used from another thread than the one that opened it", "S114": "is closed"}
MEANING = {
    sqlite3.SQLITE_NOTADB: ("S102", "is not a SQLite database"),
    sqlite3.SQLITE_CORRUPT: ("S104", "the log is damaged"),
    sqlite3.SQLITE_READONLY: ("S105", "the log cannot be written"),
    sqlite3.SQLITE_PERM: ("S105", "the log cannot be written"),
    sqlite3.SQLITE_CANTOPEN: ("S105", "the file cannot be opened"),
    sqlite3.SQLITE_BUSY: ("S107", "another program holds the log"),
    sqlite3.SQLITE_LOCKED: ("S107", "another program holds the log"),
    sqlite3.SQLITE_FULL: ("S108", "no room left on the disk"),
    sqlite3.SQLITE_IOERR: ("S109", "the system refused to read or write the log"),
    sqlite3.SQLITE_TOOBIG: ("S112", "a text or snapshot of more than 1 GB cannot be kept"),
}


def refusal(path: str, code: str, message: str, hint: str | None = None) -> InputError:
    """The one fault found with a log, with the usual hint of its code where none is given."""
    return InputError([Issue(Source(path), code, message, HINTS.get(code, "") if hint is None else hint)])


def translated(error: BaseException, path: str) -> InputError | None:
    """What an error means to the owner of the log; None where it is a fault of ours and should look like one."""
    if isinstance(error, UnicodeEncodeError):
        bad = error.object[error.start : error.end].encode("unicode_escape").decode("ascii")
        message = f"half a surrogate pair '{bad}' in a text, expected characters that UTF-8 can hold"
        return refusal(path, "S111", message, "put the text right where it is made; nothing of its batch was written")
    if isinstance(error, OverflowError):
        return refusal(path, *MEANING[sqlite3.SQLITE_TOOBIG])
    if isinstance(error, OSError):
        return refusal(path, "S105", f"the file cannot be opened ({error.strerror})")
    if not isinstance(error, sqlite3.Error):
        return None
    if isinstance(error, sqlite3.ProgrammingError):  # has no number
        misused = next((code for word, code in (("thread", "S113"), ("closed", "S114")) if word in str(error)), "")
        return refusal(path, misused, MISUSED[misused]) if misused else None
    number = getattr(error, "sqlite_errorcode", None)
    if number is None and str(error).startswith("Could not decode to UTF-8"):
        number = sqlite3.SQLITE_CORRUPT
    code, message = MEANING.get(-1 if number is None else number & 0xFF, ("", ""))
    if not code:
        return None
    name = getattr(error, "sqlite_errorname", None)
    return refusal(path, code, message if name is None or code == "S102" else f"{message} ({name})")
