"""Pictures of simulations: how they are written, so that they last, print in black and white, and show Chinese.

An SVG keeps its text as text and names fonts that have Chinese, so any viewer with one of them shows it. A PNG needs such a
font where it is made; without one its labels are ids and English words, and whoever asked is told so once.
"""

import logging
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO
from unicodedata import east_asian_width

import matplotlib as mpl
from attrs import evolve, field, frozen
from matplotlib import font_manager
from matplotlib.figure import Figure

from ..files import Writer, write_folder
from ..model.ruleset import Ruleset
from ..org.organisation import Organisation
from ..words import say

__all__ = [
    "CJK_FONTS",
    "SIZE",
    "Labels",
    "Picture",
    "cjk_font",
    "margin",
    "names_of",
    "pages",
    "picture_files",
    "save_pictures",
    "text_width",
]

CJK_FONTS = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "PingFang SC", "Hiragino Sans GB",
    "Microsoft YaHei", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Droid Sans Fallback", "SimHei", "Noto Serif CJK SC",
    "SimSun", "AR PL UMing CN",
)  # fmt: skip
LATIN = "DejaVu Sans"  # comes with matplotlib, so that it is the same everywhere
SIZE = 9.0  # points
_STYLE: dict[Any, Any] = {
    "font.size": SIZE, "axes.titlesize": SIZE + 1, "axes.labelsize": SIZE, "xtick.labelsize": SIZE - 1,
    "ytick.labelsize": SIZE - 1, "legend.fontsize": SIZE - 1, "axes.spines.top": False, "axes.spines.right": False,
    "axes.edgecolor": "0.3", "hatch.linewidth": 0.6, "figure.dpi": 100, "savefig.dpi": 150, "text.usetex": False,
    "text.parse_math": False,
    "svg.fonttype": "none", "svg.hashsalt": "learnorg", "axes.unicode_minus": False, "path.simplify": False,
}  # fmt: skip


@frozen
class Labels:
    """What things are called in a picture.

    `is_plain`: without Chinese characters, for want of a font: English names, else ids.
    """

    ruleset: Ruleset = field(repr=False)
    organisation: Organisation = field(repr=False)
    language: str = "en"
    is_plain: bool = False

    def word(self, key: str, **values: object) -> str:
        """A word of the pictures."""
        return say(key, "en" if self.is_plain else self.language, **values)

    def subject(self, id_: str) -> str:
        """A unit's or person's name."""
        if id_ not in self.organisation.nodes:
            return id_
        return self._fitting(id_, self.organisation.names(id_, "en" if self.is_plain else self.language))

    def rule(self, section: str, id_: str) -> str:
        """The title of a scorecard, duty or award."""
        versions = getattr(self.ruleset, section).get(id_, ())
        return self._fitting(id_, versions[0].title.say("en" if self.is_plain else self.language)) if versions else id_

    def _fitting(self, id_: str, name: str) -> str:
        return id_ if not name or (self.is_plain and any(_is_wide(c) for c in name)) else name


@frozen
class Picture:
    """A picture by name, drawn when it is known what things are called."""

    name: str
    draw: Callable[[Labels], Figure]


def cjk_font() -> str | None:
    """The first installed font that has Chinese; None where there is none."""
    installed = {font.name for font in font_manager.fontManager.ttflist}
    return next((name for name in CJK_FONTS if name in installed), None)


def save_pictures(
    pictures: Sequence[Picture], folder: Path, labels: Labels, force: bool = False
) -> tuple[Sequence[Path], str]:
    """Write each picture as SVG and PNG; same pictures, same bytes.

    Returns:
        The files, and a sentence for whoever asked: that Chinese labels are missing in the PNGs for want of a font; else "".

    Raises:
        InputError: a file there is not ours, and `force` is false (F1xx); nothing was written.
        OSError: a file cannot be written.
    """
    files, note = picture_files(pictures, labels)
    return write_folder(folder, files, force), note


def picture_files(pictures: Sequence[Picture], labels: Labels) -> tuple[Mapping[str, Writer], str]:
    """What writes each picture, by name of its file; and the sentence of `save_pictures`."""
    font = cjk_font()
    plain = labels if font is not None else evolve(labels, is_plain=True)
    files: dict[str, Writer] = {}
    for picture in pictures:
        for form, named, families in (
            ("svg", labels, (*CJK_FONTS, LATIN, "sans-serif")),
            ("png", plain, (LATIN,) if font is None else (font, LATIN)),
        ):
            files[f"{picture.name}.{form}"] = partial(_draw, picture, form, named, families)
    without = font is None and labels.language != "en"
    return files, "no installed font has Chinese, so the PNG files say ids and English; the SVG files do not" if without else ""  # fmt: skip


def _draw(picture: Picture, form: str, labels: Labels, families: Sequence[str], stream: BinaryIO) -> None:
    metadata = {"Date": None, "Creator": None} if form == "svg" else {"Software": None}
    with _style(families):
        picture.draw(labels).savefig(stream, format=form, metadata=metadata)


@contextmanager
def _style(families: Sequence[str]) -> Iterator[None]:
    logger = logging.getLogger("matplotlib.font_manager")
    level = logger.level
    logger.setLevel(logging.ERROR)  # fonts named for other viewers need not be here
    try:
        with mpl.rc_context({**_STYLE, "font.family": list(families)}), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Glyph .* missing from")  # of an SVG, whose viewer has them
            yield
    finally:
        logger.setLevel(level)


def text_width(text: str, size: float = SIZE) -> float:
    """About how wide a text is, in inches, whatever font it is shown in."""
    return sum(1.0 if _is_wide(c) else 0.62 for c in text) * size / 72


def margin(texts: Sequence[str], size: float = SIZE) -> float:
    """The room in inches that the widest of the texts takes, beside an axis."""
    return max((text_width(t, size) for t in texts), default=0.0) + 0.25


def _is_wide(character: str) -> bool:
    return east_asian_width(character) in "WF"


def pages(rows: Sequence[str], most: int) -> Sequence[Sequence[str]]:
    """The rows in parts of about the same size, none longer than `most`."""
    count = -(-len(rows) // most)
    size = -(-len(rows) // count) if count else 0
    return [rows[i : i + size] for i in range(0, len(rows), size)] if size else []


def names_of(titles: Mapping[str, str]) -> Mapping[str, str]:
    """Names by id, with the id behind where two would look alike."""
    seen: dict[str, int] = {}
    for title in titles.values():
        seen[title] = seen.get(title, 0) + 1
    return {id_: title if seen[title] == 1 else f"{title} ({id_})" for id_, title in titles.items()}
