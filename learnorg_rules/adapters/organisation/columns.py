"""Many plain rows of an organisation's files at once, column by column."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from types import NoneType
from typing import TypeVar

from ...errors import Source
from ...notation import day_in
from ...org.columns import Days, Records
from ...org.pieces import Picked
from .naming import Naming
from .rows import NAME, NODE_KIND, RESERVED, SHORTHAND, Batch, as_text

__all__ = ["ColumnRecorder"]

T = TypeVar("T")
Cells = Sequence[object]
_MANY = 4


class ColumnRecorder:
    """Makes records of batches in which nothing is unusual. A batch becomes records as a whole, or not at all."""

    def __init__(self, records: Records, naming: Naming) -> None:
        self.records, self.naming = records, naming
        self._days: dict[object, date | None] = {None: None}
        self._take: Mapping[str, Callable[[str, Batch, dict[str, Cells]], bool]] = {
            "units": self._nodes, "bodies": self._nodes, "persons": self._nodes,
            "edges": self._edges, "attributes": self._attributes,
        }  # fmt: skip

    def take(self, section: str, batch: Batch) -> bool:
        """Make records of all rows. False, and no records, where some row has to be read alone."""
        columns = {self.naming.name(section, column): cells for column, cells in batch.columns.items()}
        return len(columns) == len(batch.columns) and self._take[section](section, batch, columns)

    def _nodes(self, section: str, batch: Batch, columns: dict[str, Cells]) -> bool:
        dates = self._dates(columns, len(batch.places))
        ids = _every(columns.pop("id", None))
        names: dict[str, Sequence[str | None]] = {}
        ends: dict[str, Sequence[str | None]] = {}
        for key in list(columns):
            match = NAME.fullmatch(key)
            if key in SHORTHAND[section]:
                texts = _texts(columns.pop(key))
                if texts is None:
                    return False
                ends[key] = texts
            elif key == "name" or match:
                here = _names((match[1] or match[2]) if match else "en", columns.pop(key))
                if here is None or not names.keys().isdisjoint(here):
                    return False
                names.update(here)
            else:
                kinds = set(map(type, columns[key]))
                if dict in kinds:
                    return False
                if kinds <= {str, NoneType}:
                    columns[key] = _shared(columns[key])
        if dates is None or ids is None:
            return False
        self.records.nodes.extend(NODE_KIND[section], ids, names, dates, batch.places)
        for key, others in ends.items():
            kind, is_source = SHORTHAND[section][key]
            rows = _filled(others)
            nodes, of_nodes = _selected(ids, rows), _shared([t for t in others if t is not None])
            sources, targets = (nodes, of_nodes) if is_source else (of_nodes, nodes)
            row_kind = NODE_KIND[section] if is_source else None
            self.records.edges_of(kind).extend(sources, targets, {}, {}, _places_of(batch.places, rows), row_kind)
        first = {name: _first(cells) for name, cells in columns.items()}
        for name in sorted(columns, key=first.__getitem__):  # in the order in which rows read alone would have them
            cells = columns[name]
            rows = _filled(cells)
            if name not in RESERVED[section]:
                self._near_miss(section, name, batch.places[first[name]])
            places = _places_of(batch.places, rows)
            self.records.versions_of(name).extend(_selected(ids, rows), _selected(cells, rows), {}, places, True)
        return True

    def _edges(self, section: str, batch: Batch, columns: dict[str, Cells]) -> bool:
        dates = self._dates(columns, len(batch.places))
        kinds, sources, targets = (_every(columns.pop(key, None)) for key in ("kind", "source", "target"))
        if dates is None or kinds is None or sources is None or targets is None:
            return False
        own: dict[int, dict[str, str]] = {}
        if any(dict in set(map(type, cells)) for cells in columns.values()):
            return False
        for name, cells in columns.items():
            for row, value in enumerate(cells):
                if value is not None:
                    own.setdefault(row, {})[name] = as_text(value)
            self._near_miss(section, name, batch.places[_first(cells)])
        sources, targets = _shared(sources), _shared(targets)
        for kind, rows in _rows_by(kinds):
            self.records.edges_of(kind).extend(
                _selected(sources, rows), _selected(targets, rows), _of(dates, rows), _of(own, rows),
                _places_of(batch.places, rows),
            )  # fmt: skip
        return True

    def _attributes(self, section: str, batch: Batch, columns: dict[str, Cells]) -> bool:
        dates = self._dates(columns, len(batch.places))
        nodes, names = (_every(columns.pop(key, None)) for key in ("node", "name"))
        values = columns.pop("value", (None,))
        if dates is None or nodes is None or names is None or {NoneType, dict} & set(map(type, values)) or columns:
            return False
        nodes = _shared(nodes)
        for name, rows in _rows_by(names):
            self.records.versions_of(name).extend(
                _selected(nodes, rows), _selected(values, rows), _of(dates, rows), _places_of(batch.places, rows)
            )
        return True

    def _near_miss(self, section: str, name: str, place: Source) -> None:
        self.naming.near_miss(section, name, place, place)

    def _dates(self, columns: dict[str, Cells], size: int) -> dict[int, Days] | None:
        """Row -> first and last day, for rows that have one of them; None where some cell is not a day."""
        nothing = (None,) * size
        from_, to = columns.pop("from", nothing), columns.pop("to", nothing)
        if from_ is nothing and to is nothing:
            return {}
        for text in {*from_, *to} - self._days.keys():
            day = day_in(text) if isinstance(text, str) else None
            if day is None:
                return None
            self._days[text] = day
        days = {pair: (self._days[pair[0]], self._days[pair[1]]) for pair in set(zip(from_, to, strict=True))}
        dated = enumerate(zip(from_, to, strict=True))
        return {row: days[pair] for row, pair in dated if pair != (None, None)}


def _names(language: str, cells: Cells) -> Mapping[str, Sequence[str | None]] | None:
    """Language -> the names of all rows; None where some cell is not a name, or maps have different keys or orders."""
    kinds = set(map(type, cells))
    if kinds <= {str, NoneType}:
        return {language: cells}  # type: ignore[dict-item]  # checked just now
    orders = {tuple(cell) for cell in cells if isinstance(cell, dict)}
    if kinds != {dict} or len(orders) != 1:
        return None
    names = {key: [cell[key] for cell in cells] for key in orders.pop()}  # type: ignore[index]
    return names if all(set(map(type, texts)) == {str} for texts in names.values()) else None


def _texts(cells: Cells) -> Sequence[str | None] | None:
    """Ids as texts, None for an empty cell; None altogether where some cell is not an id. JSON may number its units."""
    kinds = set(map(type, cells))
    if kinds <= {str, NoneType}:
        return cells  # type: ignore[return-value]  # checked just now
    return [None if cell is None else str(cell) for cell in cells] if kinds <= {str, int, NoneType} else None


def _every(cells: Cells | None) -> Sequence[str] | None:
    """As `_texts`, but None altogether where some cell is empty."""
    return None if cells is None or None in cells else _texts(cells)  # type: ignore[return-value]  # checked just now


def _first(cells: Cells) -> int:
    """The first row in which the cell is not empty."""
    return next(row for row, cell in enumerate(cells) if cell is not None)


def _filled(cells: Cells) -> Sequence[int] | None:
    """The rows in which the cell is not empty; None for all rows."""
    return [row for row, cell in enumerate(cells) if cell is not None] if None in cells else None


def _shared(texts: Sequence[T]) -> Sequence[T]:
    """The same texts; where many are equal, equal ones are one object, as when a thousand members name the same unit."""
    one = dict(zip(texts, texts, strict=True))
    return [one[text] for text in texts] if len(one) * _MANY < len(texts) else texts


def _rows_by(keys: Sequence[str]) -> Iterable[tuple[str, Sequence[int] | None]]:
    """Each key with its rows; None for all rows."""
    if len(set(keys)) == 1:
        return [(keys[0], None)]
    rows_of: dict[str, list[int]] = {}
    for row, key in enumerate(keys):
        rows_of.setdefault(key, []).append(row)
    return rows_of.items()


def _selected(cells: Sequence[T], rows: Sequence[int] | None) -> Sequence[T]:
    return cells if rows is None else [cells[row] for row in rows]


def _places_of(places: Sequence[Source], rows: Sequence[int] | None) -> Sequence[Source]:
    return places if rows is None else Picked(places, rows)


def _of(values: Mapping[int, T], rows: Sequence[int] | None) -> Mapping[int, T]:
    """The values of some rows, by position among these."""
    return values if rows is None else {new: values[old] for new, old in enumerate(rows) if old in values}
