"""Full-width signs of a Chinese keyboard where a notation has the ASCII one."""

import re
from unicodedata import normalize

from attrs import frozen

__all__ = ["Wide", "find_wide"]

_SIGNS = {"、": ",", "。": ".", **dict.fromkeys("“”„‟「」『』＂", '"')}
_WIDE = re.compile("[\uff01-\uff5e、。“”„‟「」『』]+")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')


@frozen
class Wide:
    """The first full-width signs of a text: what they are, where, and what to write."""

    text: str
    offset: int
    narrow: str

    @property
    def message(self) -> str:
        """What is wrong."""
        return f"'{self.text}' is full-width"

    @property
    def hint(self) -> str:
        """What to do."""
        return f"write '{self.narrow}'"


def find_wide(text: str) -> Wide | None:
    """The first full-width signs outside double quotes; None where there are none."""
    bare = _QUOTED.sub(lambda quoted: " " * len(quoted[0]), text)
    found = _WIDE.search(bare)
    if found is None:
        return None
    narrow = "".join(_SIGNS.get(c) or normalize("NFKC", c) for c in found[0])
    return Wide(found[0], found.start(), narrow)
