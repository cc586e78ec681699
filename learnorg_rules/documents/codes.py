"""The codes of faults in documents: E1xx for the YAML itself, E20x and E21x for its form."""

from collections.abc import Mapping

__all__ = ["CODES"]

CODES: Mapping[str, tuple[str, str]] = {
    "E101": (
        "malformed YAML",
        "The file cannot be read as YAML. Only the first such fault of a file is shown, because what follows it "
        "cannot be trusted. Most come from indentation, from a quote that is never closed, or from a text that "
        "holds `: ` or begins with a character that means something to YAML: put such a text in quotes.",
    ),
    "E102": (
        "not UTF-8",
        "Files are read as UTF-8, with or without a byte order mark, whatever the system's language. Save the file "
        "as UTF-8; older editors call it so in their dialogue for saving.",
    ),
    "E103": (
        "a character that cannot be seen",
        "Control characters, separators that only look like a space or a line end, and the like are refused, "
        "because two texts that look the same must be the same.",
    ),
    "E104": (
        "a tab in the indentation",
        "YAML indents with spaces, and a tab has no agreed width. Let the editor insert spaces.",
    ),
    "E105": (
        "full-width punctuation",
        "A Chinese input method wrote `：`, `，`, `［` or another full-width sign where YAML needs the ASCII one. "
        "Inside texts for people such signs are welcome.",
    ),
    "E106": (
        "a key is given twice",
        "One of the two would silently win. Both places are named; remove one or rename it.",
    ),
    "E107": (
        "anchor, alias or merge key",
        "`&name`, `*name` and `<<` are refused: a value would come from a place the reader of a rule does not see, and "
        "a small file could grow without limit. Name the value in `parameters` instead. A text that begins with "
        "`&` or `*` needs quotes.",
    ),
    "E108": (
        "a tag",
        "`!name` is refused: the type of a value follows from where it stands. A text that begins with `!` needs "
        "quotes.",
    ),
    "E109": (
        "several documents in one file",
        "A file holds one document. Text behind a second `---` would be easy to overlook; use a file of its own.",
    ),
    "E110": (
        "a key that is no text",
        "A key is a word or a quoted text on one line, not a list, a mapping or nothing.",
    ),
    "E111": (
        "the file is too large",
        "Files above 2 MiB are refused before they are read. Split the file; all YAML files of a folder are one "
        "ruleset. Data belongs in event and organisation files.",
    ),
    "E112": (
        "nested too deeply",
        "More than 30 levels of nesting are refused; no rule needs more than ten.",
    ),
    "E113": (
        "nothing in the file",
        "The file is empty or holds only comments.",
    ),
    "E114": (
        "cannot be read",
        "The file or folder does not exist, may not be read, or holds no file to read.",
    ),
    "E115": (
        "a value is cut at a comma",
        "Between `{ }` and `[ ]` a comma ends a value, also inside parentheses. Put the expression in quotes, or write "
        "its keys on lines of their own.",
    ),
    "E201": (
        "unknown key",
        "The key is not one of those this place takes. Nothing is ignored, so a misspelt key cannot turn a rule off.",
    ),
    "E202": (
        "a key is missing",
        "The key has no default, because no default would be right for everybody.",
    ),
    "E203": (
        "another form is expected",
        "A list stands where a text is expected, a text where a mapping is expected, or nothing at all.",
    ),
    "E204": (
        "not an id",
        "An id is a letter or `_`, then letters, digits and `_`, from any script, so that it can stand in expressions. "
        "Words of the expression language, such as `where`, are no ids.",
    ),
    "E205": (
        "not one of the options",
        "Only the listed words may stand here.",
    ),
    "E206": (
        "not true or false",
        "A yes or no is written `true` or `false`. `no`, `off` and the like are texts here, whatever other readers of "
        "YAML make of them.",
    ),
    "E207": (
        "not a number",
        "A number is written with ASCII digits, and with nothing but a minus before them: `12`, `12.5`, `-3`; a share "
        "also as `1/2` or `80%`. `012`, `+12`, `1_000`, `1e3` and `12.` are refused, as in every other input.",
    ),
    "E208": (
        "not a date",
        "A date is written `2005-04-01`, and the day must exist.",
    ),
    "E209": (
        "not a language",
        "A title is a text, or a mapping from language codes of two or three letters, such as `en` and `zh`, to texts.",
    ),
}
