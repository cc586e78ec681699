"""One line of a history, as written: what happened, when, how often. No ruleset is needed to read it.

    KIND [( FIELD=VALUE, ... )] CLAUSE...

    CLAUSE:  WHEN                       a day, or a day and a local time
             EVERY FIRST..LAST          daily weekly monthly quarterly half-yearly yearly
             except ITEM, ITEM          not on these days, or in these periods
             FIELD=VALUE   person=ID   id=ID   source=TEXT
             for each ID, ID            once for each of these persons
             for everybody              once for each member of the unit on that day
             N times                    N equal events
             recorded WHEN              when it became known
             corrects ID   voids ID     takes the place of, or takes back, the event with this id
             resent                     the very same event comes a second time

Clauses stand in any order; exactly one says when.
"""

import re
from collections.abc import Iterator, Sequence

from attrs import define, field, frozen

from ..notation import number_hint, number_in

__all__ = ["FREQUENCIES", "Line", "LineError", "Word", "read_line", "words_of"]

FREQUENCIES = {
    "daily": "day", "weekly": "week", "monthly": "month", "quarterly": "quarter", "half-yearly": "half",
    "yearly": "year",
}  # fmt: skip
"""The word for a repetition, and the period it repeats by."""

MOST_TIMES = 10_000  # copies of one line; a slip of the finger must not fill the memory
_TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|\.\.|[(),=]|(?:(?!\.\.)[^\s(),="])+)')


@frozen
class Word:
    """A piece of a line and where it begins in it. `quoted`: it was in double quotes, which are taken off."""

    text: str
    offset: int
    quoted: bool = False


class LineError(Exception):
    """A line that cannot be read: what is wrong, where in the line, what to do, and the code of such faults."""

    def __init__(self, message: str, offset: int, hint: str = "", code: str = "T110") -> None:
        self.message, self.offset, self.hint, self.code = message, offset, hint, code
        super().__init__(message)


@define
class Line:
    """What one line says, in words that know their places."""

    kind: Word
    fields: list[tuple[Word, Word]] = field(factory=list)
    when: Word | None = None
    every: str = ""  # a period of the calendar; "" for a single moment
    last: Word | None = None  # `when` is the first
    excepted: Sequence[Word] = ()
    persons: Sequence[Word] = ()
    everybody: Word | None = None
    times: int = 1
    recorded: Word | None = None
    corrects: Word | None = None
    voids: Word | None = None
    resent: bool = False

    def take(self, name: str) -> Word | None:
        """The value given to a name, taken out of the fields."""
        found = next((pair for pair in self.fields if pair[0].text == name), None)
        if found is None:
            return None
        self.fields.remove(found)
        return found[1]


def words_of(text: str) -> Iterator[Word]:
    """The words and signs of a line.

    Raises:
        LineError: a quote is not closed.
    """
    position = 0
    while text[position:].strip():
        match = _TOKEN.match(text, position)
        if match is None:
            offset = len(text) - len(text[position:].lstrip())
            raise LineError("a quote is opened here and never closed", offset, 'close it with "')
        raw, start = match[1], match.start(1)
        if raw.startswith('"'):
            yield Word(re.sub(r"\\(.)", r"\1", raw[1:-1]), start, quoted=True)
        else:
            yield Word(raw, start)
        position = match.end()


def read_line(text: str) -> Line:
    """What the line says.

    Raises:
        LineError: it does not follow the grammar; the first fault is told.
    """
    return _LineReader(text).line()


class _LineReader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.words = list(words_of(text))
        self.at = 0

    # ---- words

    def peek(self, ahead: int = 0) -> str:
        """The text of a coming word if it is not quoted; "" at the end."""
        i = self.at + ahead
        return self.words[i].text if i < len(self.words) and not self.words[i].quoted else ""

    def next(self, wanted: str) -> Word:
        """The next word, which must be no sign."""
        if self.at >= len(self.words):
            raise LineError(f"{wanted} is missing at the end", len(self.text))
        word = self.words[self.at]
        if not word.quoted and word.text in ("(", ")", ",", "=", ".."):
            raise LineError(f"'{word.text}' where {wanted} should stand", word.offset)
        self.at += 1
        return word

    def sign(self, text: str) -> bool:
        """Whether the next word is this sign, which is then taken."""
        if self.peek() != text:
            return False
        self.at += 1
        return True

    def listed(self, wanted: str) -> list[Word]:
        """One or more words separated by commas."""
        found = [self.next(wanted)]
        while self.sign(","):
            found.append(self.next(wanted))
        return found

    # ---- grammar

    def line(self) -> Line:
        line = Line(self.next("the kind of event"))
        if self.sign("("):
            while not self.sign(")"):
                self.pair(line)
                if not self.sign(",") and self.peek() != ")":
                    raise LineError("',' or ')' should stand here", self.offset)
        while self.at < len(self.words):
            self.clause(line)
        if line.when is None:
            raise LineError(
                f"when '{line.kind.text}' happened is not said", len(self.text.rstrip()),
                "add a day such as 2005-02-10, or monthly 2005-01..2005-12",
            )  # fmt: skip
        if line.excepted and not line.every:
            raise LineError(
                "'except' belongs to a repetition", line.excepted[0].offset, "such as monthly 2005-01..2005-12"
            )
        return line

    @property
    def offset(self) -> int:
        return self.words[self.at].offset if self.at < len(self.words) else len(self.text)

    def pair(self, line: Line) -> None:
        name = self.next("a field")
        if not self.sign("="):
            raise LineError(f"'=' and a value should follow '{name.text}'", self.offset)
        if any(known.text == name.text for known, _ in line.fields):
            raise LineError(f"'{name.text}' is given twice", name.offset)
        line.fields.append((name, self.next(f"the value of '{name.text}'")))

    def clause(self, line: Line) -> None:
        text, offset = self.peek(), self.offset
        if self.peek(1) == "=":
            self.pair(line)
            return
        word = self.next("a clause")
        if text in FREQUENCIES:
            first = self.next("the first period")
            if not self.sign(".."):
                raise LineError(
                    f"'..' and the last period should follow '{first.text}'",
                    self.offset,
                    f"such as {text} 2005-01..2005-12",
                )
            self.moment(line, first)
            line.every, line.last = FREQUENCIES[text], self.next("the last period")
        elif text == "except":
            line.excepted = [*line.excepted, *self.listed("a day or period")]
        elif text == "for":
            self.for_each(line, word)
        elif text == "recorded":
            line.recorded = self.next("the day it was recorded")
        elif text in ("corrects", "voids"):
            setattr(line, text, self.next("the id of an event"))
        elif text == "resent":
            line.resent = True
        elif self.peek() == "times" and text[:1].isdecimal():
            self.at += 1
            times = number_in(text)
            if times is None:
                raise LineError(f"'{text}' is not a number", offset, number_hint(text))
            if not 1 <= times <= MOST_TIMES or times.denominator != 1:
                raise LineError(f"{text} times is out of range", offset, f"1 to {MOST_TIMES:,}")
            line.times = int(times)
        elif re.match(r"[0-9]{4}-[0-9]|[0-9]{1,4}[./][0-9]{1,2}[./][0-9]", text):
            if self.peek() == "..":
                raise LineError(
                    "a range of days needs a word for how often", offset, f"one of {', '.join(FREQUENCIES)}"
                )
            self.moment(line, word)
        else:
            near = [
                c
                for c in (*FREQUENCIES, "except", "for", "recorded", "corrects", "voids", "resent", "times")
                if c[:3] == text[:3]
            ]
            hint = f"did you mean '{near[0]}'?" if near else f"a field is given as {word.text}=..."
            raise LineError(f"'{word.text}' is not understood here", offset, hint)

    def for_each(self, line: Line, word: Word) -> None:
        if self.peek() == "everybody":
            line.everybody = self.next("everybody")
        elif self.sign("each"):
            line.persons = self.listed("the id of a person")
        else:
            raise LineError("'for' is followed by 'each' and ids of persons, or by 'everybody'", word.offset)

    def moment(self, line: Line, word: Word) -> None:
        if line.when is not None:
            raise LineError(
                f"when it happened is said twice: '{line.when.text}' and '{word.text}'",
                word.offset,
                "write a line of its own",
            )
        line.when = word
