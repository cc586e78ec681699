"""Meaning: the register of event formats."""

from pathlib import Path

import pytest

from learnorg_rules.adapters.events.files import PACKED
from learnorg_rules.adapters.events.formats import FORMATS, Format, check_format_name, format_of
from learnorg_rules.cli.watch_lines import OTHER_FORMATS
from learnorg_rules.errors import InputError

ALL = pytest.mark.parametrize("format_", FORMATS, ids=lambda format_: format_.name)


@ALL
def test_a_suffix_stands_for_one_format_compressed_or_not(format_: Format) -> None:
    check_format_name(format_.name)
    for suffix in format_.suffixes:
        assert format_of(Path(f"e{suffix}")) is format_
        assert format_of(Path(f"e{suffix}{PACKED}")) is (format_ if format_.packable else None)


@ALL
def test_a_name_goes_before_the_suffix(format_: Format) -> None:
    for name in ("e", "e.txt", "e.csv", "e.ndjson"):
        assert format_of(Path(name), format_.name) is format_


def test_every_name_is_there_once_and_others_are_refused() -> None:
    names = [format_.name for format_ in FORMATS]
    assert len(set(names)) == len(names)
    with pytest.raises(InputError, match="V103 there is no format 'xml'"):
        check_format_name("xml")
    assert format_of(Path("e.txt")) is None


@ALL
def test_only_plain_ndjson_is_followed(format_: Format) -> None:
    for suffix in format_.suffixes:
        assert f"e{suffix}".endswith(OTHER_FORMATS) == (format_.name != "ndjson")
        assert f"e{suffix}{PACKED}".endswith(OTHER_FORMATS)
