"""Every code an event, or a file of events, can be refused with: what it is called, and what it means."""

from collections.abc import Mapping

__all__ = ["CODES"]

CODES: Mapping[str, tuple[str, str]] = {
    # the file as a whole: refused, nothing is read
    "V101": ("no such file", "A path given to read events from does not exist. Nothing is read."),
    "V102": ("no file matches", "A pattern given to read events from matches no file. Nothing is read."),
    "V103": (
        "unknown format",
        "The name of a file has no ending of a known format, and no format was given; or there is no format of the "
        "name that was given. The hint lists the endings, or has the nearest name.",
    ),
    "V104": ("unreadable file", "The file cannot be opened, or its content is not of the format its name says."),
    "V105": ("bad header", "The first line of a CSV file must name each column once."),
    "V106": (
        "column of a wrong type",
        "A column of a Parquet file or of a frame has a type that the declared field cannot take without change.",
    ),
    "V107": (
        "times without zone",
        "A column of times has no time zone, so nobody can tell which instants are meant. Write it with UTC or a zone.",
    ),
    "V108": (
        "required column missing",
        "Every event needs `id`, `kind`, `unit` and `occurred_at`. The file has no column for one of them, and the "
        "ruleset gives no constant. Name the file's column in `records.columns`.",
    ),
    "V109": (
        "document type declared",
        "An XES file must not have a DOCTYPE: entities could make a small file expand without bound.",
    ),
    "V110": ("bad constant", "A value in `records.constants` does not fit the type of its field."),
    "V111": (
        "compressed beyond measure",
        "A compressed file unpacks to more than 200 times its size, and to more than 16 MiB. Events in text shrink to a tenth, not to a "
        "thousandth; such a file is made to fill memory. One that can be trusted is read when it is unpacked first.",
    ),
    "V112": ("header too wide", "The header of a CSV file has at most 10,000 columns, and at most 1 MiB."),
    "V113": (
        "XES beyond measure",
        "A trace has at most 250,000 events, which are held until its end, and a value at most 1 MiB. Other formats have no such traces.",
    ),
    # one row that cannot be read
    "V201": ("no JSON", "The line is not valid JSON."),
    "V202": ("no JSON object", "Each line of an NDJSON file holds one object, with one value for each column."),
    "V203": ("key twice", "One object has the same key twice; readers differ in which of the two they take."),
    "V204": ("no UTF-8", "The bytes are not valid UTF-8 text."),
    "V205": ("line too long", "A line is longer than 1 MiB."),
    "V206": ("missing value", "`id`, `kind`, `unit` and `occurred_at` must be there in every event."),
    "V207": ("wrong type", "The value is of another type than the field was declared with. Nothing is converted."),
    "V208": ("ragged row", "A row of a CSV file has more or fewer cells than its header."),
    "V209": (
        "compressed data breaks off",
        "A .gz file ends early or is damaged. The rows before that place are used, all after it are lost.",
    ),
    "V210": (
        "broken XML",
        "The XML is not well formed from this place on. The rows before it are used, all after it are lost.",
    ),
    "V211": ("bad quoting", "A quotation mark in a CSV file is out of place, or is never closed."),
    # one value
    "V301": (
        "no time",
        "A time is written as ISO 8601, like 2005-04-01T09:30:00+08:00 or 2005-04-01T01:30:00.5Z: a date of the years "
        "1000 to 2999, a T, hours to seconds, at most six digits of a fraction, and Z or an offset.",
    ),
    "V302": ("time without zone", "A time needs Z or an offset such as +08:00, or nobody can tell when it was."),
    "V303": ("no date", "A date is written like 2005-04-01, and the day must exist."),
    "V304": (
        "too many decimals",
        "The number has more decimals than its field was declared with. It is not rounded in silence.",
    ),
    "V305": (
        "number too large",
        "A number, counted in units of its last declared decimal, may be at most 1,000,000,000,000,000.",
    ),
    "V306": ("not a number", "NaN and Infinity are no numbers one could count with."),
    # one event among the others
    "V401": (
        "conflict",
        "One identity (`source` and `id`) came with different contents. Which is right cannot be known, and the order "
        "of arrival must not decide it: all versions are set aside. Send an event with a new id that corrects this id.",
    ),
    "V402": (
        "rival corrections",
        "Two events correct the same event, and `recorded_at` does not say which was made later. All of them are set "
        "aside, and what they correct counts.",
    ),
    "V403": (
        "nothing to correct",
        "The event named in `corrects` is not there, was voided, is a void, or is set aside itself. Such a correction "
        "counts as soon as its target arrives.",
    ),
    "V404": ("circle of corrections", "Events correct one another in a circle, so none of them is the last."),
    "V405": (
        "nothing to void",
        "The event named in `voids` is not there. This does no harm; the void takes effect when the event arrives.",
    ),
    "V406": ("void of a void", "A void cannot be taken back. Send the event again under a new id."),
    "V407": ("correction and void", "One event cannot both correct and void."),
    # one event against the rules and the organisation
    "V501": ("unknown kind", "The ruleset declares no such kind of event."),
    "V502": ("unknown unit", "The organisation has no such unit."),
    "V503": ("unit not there that day", "The unit did not exist on the local day of the event."),
    "V504": (
        "unknown person",
        "The organisation has no such person. With `records.unknown_person: accept` the event counts, and the person "
        "is a member of nothing.",
    ),
    "V505": ("field missing", "The kind of event needs a person or field that the event does not have."),
    "V506": ("value out of range", "The value is below the field's `min` or above its `max`. It is not clamped."),
    "V507": ("unknown choice", "The value is not among the options of the field."),
    "V508": (
        "person not there that day",
        "The person belonged to nothing on the local day of the event. With `records.unknown_person: accept` the event counts "
        "for the unit, and not for the person. Waivers and appeals may come when their subject is no longer there.",
    ),
}
"""Code -> (title, explanation)."""
