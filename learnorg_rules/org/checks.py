"""What can be wrong with the records of an organisation. Everything is looked at before anything is raised."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from datetime import date
from functools import cache
from graphlib import CycleError, TopologicalSorter

from attrs import field, frozen

from ..errors import Issues, Source, did_you_mean
from ..texts import difference, same_looking
from .columns import Days, Edges, Records, Versions
from .records import KINDS, TREE_KINDS, Edge
from .timeline import ALWAYS, Links, half_open, stretch_text
from .unknown import Unknown

__all__ = ["CODES", "Checked", "check"]

CODES: Mapping[str, tuple[str, str]] = {
    "O101": ("two nodes with one id", "Units, bodies and persons share one set of ids; each id is recorded once."),
    "O102": ("unknown edge kind", "The edge kinds are a closed list; see the page on organisation files."),
    "O103": ("an end that does not exist", "An edge or attribute names an id that no unit, body or person has."),
    "O104": (
        "a circle",
        "Following part_of, party_part_of, leads, reports_to or succeeds never leads back on the same day.",
    ),
    "O105": ("two parents at once", "Along part_of and along party_part_of a unit has at most one parent on any day."),
    "O106": ("a member of two units at once", "A person has one home unit on any day; bodies may overlap."),
    "O107": ("from after to", "`from` is the first day and `to` the last, both included."),
    "O108": (
        "an edge outside the life of its ends",
        "An edge begins when both ends are there and is over when one of them ends; `succeeds` begins in the life of "
        "the new one, after the old one began. Left out, `from` and `to` mean: as long as both ends live.",
    ),
    "O109": ("two values at once", "An attribute has one value on any day; end one version before the next begins."),
    "O110": ("the wrong kind of end", "Each edge kind says which kinds of node may stand at its ends."),
    "O111": ("an empty organisation", "There is no unit, body or person in the records."),
    "O112": (
        "left behind",
        "A warning: the parent or home of a unit or person ends, and the records do not say where it belongs then. "
        "It is left without a parent or home from that day on.",
    ),
    "O113": (
        "two ids that look the same",
        "A warning: two nodes have different ids that nobody can tell apart: a letter of another script, a blank at the end, "
        "signs of full width. What is recorded of one is not counted for the other. Accents written in two ways are one id.",
    ),
}
"""Code -> title and explanation, for the page of errors."""


@frozen
class Checked:
    """What the records come to.

    Attributes:
        lives: node -> first day and day after the last, half-open, of those that are not always there.
        edges: those of each kind that hold together.
        links: one for each of `edges`, in the same order.
        homes: those links of `member_of` that join a person to a unit; the same object where all of them do.
        versions: the values of each attribute; those of a node stand together, by date.
    """

    lives: dict[str, tuple[date, date]] = field(factory=dict)
    edges: dict[str, Edges] = field(factory=dict)
    links: dict[str, Links] = field(factory=dict)
    homes: Links = Links((), (), {})
    versions: dict[str, Versions] = field(factory=dict)


def check(records: Records, files: Sequence[str], issues: Issues) -> Checked:
    """The records as far as they hold together; every fault goes to `issues`.

    What concerns all records is looked at in whole columns; single records are made where something is to be said of them.
    """
    kinds = records.nodes.kinds
    lives = _lives(records, issues)
    if not kinds:
        place = Source(files[0] if files else "organisation")
        issues.error(place, "O111", "there is no unit, body or person", "write at least one unit")
    for id_, other in same_looking(kinds):
        place = records.nodes.places[records.nodes.position(id_)]
        issues.warn(place, "O113", f"'{id_}' and '{other}' look the same and are two", difference(id_, other))
    unknown = Unknown(kinds)
    edges: dict[str, Edges] = {}
    links: dict[str, Links] = {}
    for kind in (*KINDS, *(kind for kind in records.edges if kind not in KINDS)):
        edges[kind], links[kind] = _edges(records.edges.get(kind) or Edges(kind), kinds, lives, issues, unknown)
    for kind in TREE_KINDS:
        _one_at_a_time(edges[kind], links[kind], lives, issues)
    of_homes, homes = _homes(edges["member_of"], links["member_of"], kinds)
    _one_at_a_time(of_homes, homes, lives, issues)
    for kind in KINDS:
        if KINDS[kind].acyclic:
            _circles(edges[kind], links[kind], issues)
    versions = {name: _versions(of_name, kinds, issues, unknown) for name, of_name in records.versions.items()}
    unknown.report(issues)
    return Checked(lives, edges, links, homes, {name: found for name, found in versions.items() if found.nodes})


def _homes(edges: Edges, links: Links, kinds: Mapping[str, str]) -> tuple[Edges, Links]:
    """The edges of `member_of` that join a person to a unit."""
    if _source_kinds(edges, kinds) <= {"person"} and _kinds(edges.targets, kinds) <= {"unit"}:
        return edges, links
    pairs = enumerate(zip(links.sources, links.targets, strict=True))
    homes = [i for i, (source, target) in pairs if kinds[source] == "person" and kinds[target] == "unit"]
    return edges.picked(homes), links.picked(homes)


def _source_kinds(edges: Edges, kinds: Mapping[str, str]) -> Set[str | None]:
    return set(map(kinds.get, edges.sources)) if edges.row_kinds is None else edges.row_kinds


def _kinds(ids: Iterable[str], kinds: Mapping[str, str]) -> Set[str | None]:
    """The kinds of some nodes, many of which are there often; None where there is no such node."""
    return set(map(kinds.get, set(ids)))


def _lives(records: Records, issues: Issues) -> dict[str, tuple[date, date]]:
    """The days of the nodes that have any; faults of nodes."""
    nodes = records.nodes
    again = set()
    lives: dict[str, tuple[date, date]] = {}
    spans: dict[Days, tuple[date, date]] = {}  # a hundred thousand begin on the same day
    for i, kind in nodes.settle():
        again.add(i)
        first = nodes[nodes.ids[i]]
        message = f"{kind} '{first.id}' is there twice; first as a {first.kind} at {first.source}"
        issues.error(nodes.places[i], "O101", message)
    if again:
        for edges in records.edges.values():
            edges.row_kinds = None
        for versions in records.versions.values():
            versions.in_rows = False
    for i, (from_, to) in nodes.dates.items():
        node = nodes.ids[i]
        if i in again:
            continue
        if _is_backwards(from_, to):  # said once; what hangs on it is not faulted again
            _say_backwards(from_, to, nodes.places[i], f"{nodes.kinds[node]} '{node}'", issues)
        else:
            lives[node] = spans.get((from_, to)) or spans.setdefault((from_, to), half_open(from_, to))
    return lives


def _is_backwards(from_: date | None, to: date | None) -> bool:
    return from_ is not None and to is not None and from_ > to


def _say_backwards(from_: date | None, to: date | None, place: Source, what: str, issues: Issues) -> None:
    issues.error(place, "O107", f"{what} begins {from_}, after it ends {to}")


def _edges(
    edges: Edges, kinds: Mapping[str, str], lives: Mapping[str, tuple[date, date]], issues: Issues, unknown: Unknown
) -> tuple[Edges, Links]:
    """Those edges of one kind that hold together, and the days they hold."""
    sources, targets = edges.sources, edges.targets
    bad: set[int] = set()
    register = KINDS.get(edges.kind)
    of_source, of_target = (set(register.sources), set(register.targets)) if register is not None else (set(), set())
    if not (_source_kinds(edges, kinds) <= of_source and _kinds(targets, kinds) <= of_target):
        pairs = enumerate(zip(sources, targets, strict=True))
        bad = {i for i, (one, other) in pairs if kinds.get(one) not in of_source or kinds.get(other) not in of_target}
        for i in sorted(bad):
            _say_wrong_ends(edges[i], kinds, issues, unknown)
    spans = {}
    for i in _suspects(edges, lives):
        from_, to = edges.dates.get(i, (None, None))
        if _is_backwards(from_, to):
            _say_backwards(from_, to, edges.places[i], _edge_text(edges[i]), issues)
            bad.add(i)
        elif i not in bad:
            one, other = (lives.get(end, ALWAYS) for end in (sources[i], targets[i]))
            span = _edge_span(edges.kind, from_, to, one, other)
            if span is None:
                _say_outside(edges[i], one, other, issues)
                bad.add(i)
            elif span != ALWAYS:
                spans[i] = span
    links = Links(sources, targets, spans)
    if not bad:
        return edges, links
    good = [i for i in range(len(edges)) if i not in bad]
    return edges.picked(good), links.picked(good)


def _suspects(edges: Edges, lives: Mapping[str, tuple[date, date]]) -> Iterable[int]:
    """The positions of edges that may not always hold: they have dates, or an end has."""
    if not lives:
        return edges.dates
    pairs = enumerate(zip(edges.sources, edges.targets, strict=True))
    return [i for i, (source, target) in pairs if source in lives or target in lives or i in edges.dates]


def _say_wrong_ends(edge: Edge, kinds: Mapping[str, str], issues: Issues, unknown: Unknown) -> None:
    kind = KINDS.get(edge.kind)
    if kind is None:
        issues.error(edge.source, "O102", f"there is no edge kind '{edge.kind}'", _kind_hint(edge.kind))
    ends = [kinds.get(end) for end in (edge.source_id, edge.target_id)]
    for id_, end in zip((edge.source_id, edge.target_id), ends, strict=True):
        if end is None:
            unknown.add(edge.source, _edge_text(edge), id_)
    if kind is not None and None not in ends:
        message = f"{_edge_text(edge)}: leads from a {ends[0]} to a {ends[1]}"
        wanted = f"from a {' or '.join(kind.sources)} to a {' or '.join(kind.targets)}"
        issues.error(edge.source, "O110", message, f"{kind.name} leads {wanted}")


@cache
def _kind_hint(word: str) -> str:
    hint: str = did_you_mean(word, KINDS)
    return hint


def _edge_text(edge: Edge) -> str:
    return f"{edge.kind} from '{edge.source_id}' to '{edge.target_id}'"


def _edge_span(
    kind: str, from_: date | None, to: date | None, one: tuple[date, date], other: tuple[date, date]
) -> tuple[date, date] | None:
    """The days an edge between nodes of these lives holds; None where it reaches outside the life of an end."""
    first, end = half_open(from_, to)
    if (
        kind == "succeeds"
    ):  # the old one is gone when the new one takes its place: only the new one's life bounds the edge
        start = one[0] if from_ is None else first
        stop = one[1] if to is None else end
        fits = start >= one[0] and stop <= one[1] and start >= other[0]
    else:
        start = max(one[0], other[0]) if from_ is None else first
        stop = min(one[1], other[1]) if to is None else end
        fits = start >= one[0] and start >= other[0] and stop <= one[1] and stop <= other[1]
    return (start, stop) if fits and start < stop else None


def _say_outside(edge: Edge, one: tuple[date, date], other: tuple[date, date], issues: Issues) -> None:
    """Say where the edge reaches outside the life of its ends."""
    first, end = half_open(edge.from_, edge.to)
    succession = edge.kind == "succeeds"
    faults = []
    for end_id, life in ((edge.source_id, one), (edge.target_id, other)):
        if edge.from_ is not None and edge.from_ < life[0]:
            faults.append(f"begins {edge.from_}, but '{end_id}' is there {stretch_text(*life)}")
        elif edge.to is not None and end > life[1] and not (succession and life is other):
            faults.append(f"ends {edge.to}, but '{end_id}' is there {stretch_text(*life)}")
    latest, earliest = (one[0], one[1]) if succession else (max(one[0], other[0]), min(one[1], other[1]))
    start = latest if edge.from_ is None else first
    if not faults and start >= (earliest if edge.to is None else end):
        lives_text = f"'{edge.source_id}' is there {stretch_text(*one)}, '{edge.target_id}' {stretch_text(*other)}"
        faults.append(f"holds on no day: {lives_text}")
    if not faults:
        faults.append(f"begins {start}, but '{edge.target_id}' is there {stretch_text(*other)}")
    for fault in faults:
        issues.error(
            edge.source, "O108", f"{_edge_text(edge)}: {fault}",
            "leave `from` and `to` out where the edge holds as long as both ends live",
        )  # fmt: skip


def _one_at_a_time(edges: Edges, links: Links, lives: Mapping[str, tuple[date, date]], issues: Issues) -> None:
    """Faults where a source has two targets on one day; warnings where its target ends before it does."""
    kind = edges.kind
    several = _groups(links.sources) if edges.row_kinds is None else {}
    for source, group in several.items():
        group.sort(key=links.link)
        for one, other in _overlaps(group, lambda i: links.link(i)[:2]):
            _say_two_at_once(source, (one, other), edges, links, issues)
    for source, i in {links.sources[i]: i for i in links.spans}.items():
        last = max(several[source], key=lambda i: links.link(i)[1]) if source in several else i
        _, end, _, target = links.link(last)
        to = edges.dates.get(last, (None, None))[1]
        if to is None and end < lives.get(source, ALWAYS)[1]:
            lacks = "home" if kind == "member_of" else "parent"
            message = f"'{source}' has no {lacks} from {end} on, when '{target}' is there no longer"
            along = "unit" if kind == "member_of" else kind
            issues.warn(edges.places[last], "O112", message, f"give it another {along}, or an end")


def _groups(keys: Sequence[str]) -> dict[str, list[int]]:
    """The positions of each key that is there more than once."""
    several: dict[str, list[int]] = {}
    if len(set(keys)) < len(keys):
        first: dict[str, int] = {}
        for i, key in enumerate(keys):
            if first.setdefault(key, i) != i:
                several.setdefault(key, [first[key]]).append(i)
    return several


def _overlaps(group: Sequence[int], span: Callable[[int], tuple[date, date]]) -> Iterator[tuple[int, int]]:
    """Those of a group, sorted by date, that begin before the one that lasts longest so far is over, with that one."""
    widest = group[0]
    for i in group[1:]:
        if span(i)[0] < span(widest)[1]:
            yield widest, i
        if span(i)[1] > span(widest)[1]:
            widest = i


def _say_two_at_once(source: str, pair: tuple[int, int], edges: Edges, links: Links, issues: Issues) -> None:
    a, b = map(links.link, pair)
    days = stretch_text(max(a[0], b[0]), min(a[1], b[1]))
    place, elsewhere = sorted((edges.places[i] for i in pair), reverse=True)
    targets = f"'{a[3]}' twice" if a[3] == b[3] else f"'{min(a[3], b[3])}' and '{max(a[3], b[3])}'"
    hint = f"end one before the other begins; the other is at {elsewhere}"
    if edges.kind == "member_of":
        issues.error(place, "O106", f"'{source}' is a member of {targets} at once, {days}", hint)
    else:
        issues.error(place, "O105", f"'{source}' is {edges.kind} {targets} at once, {days}", hint)


def _circles(edges: Edges, links: Links, issues: Issues) -> None:
    """A fault for each circle, with the days it is closed on."""
    knotted = _knotted(links)
    order: TopologicalSorter[str] = TopologicalSorter()
    for i in knotted:
        order.add(links.sources[i], links.targets[i])
    try:
        order.prepare()
    except CycleError:  # what is no circle over all time is none on any day
        from .circles import circles  # loads networkx, a good part of the start of a command, and circles are rare

        for positions, start, end, circle in circles([links.link(i) for i in knotted]):
            place = min(edges.places[knotted[j]] for j in positions)
            days, way = stretch_text(start, end), " -> ".join((*circle, circle[0]))
            issues.error(
                place, "O104", f"{edges.kind} runs in a circle {days}: {way}",
                "end one of these edges, or point it elsewhere",
            )  # fmt: skip


def _knotted(links: Links) -> Sequence[int]:
    """The positions of links that may be part of a circle: what nothing points at, or points at nothing, is peeled off.

    Of a deep tree some are left that are part of none.
    """
    left: Sequence[int] = range(len(links))
    while left:
        both = {links.sources[i] for i in left} & {links.targets[i] for i in left}
        inner = [i for i in left if links.sources[i] in both and links.targets[i] in both]
        if len(inner) * 2 > len(left):
            return inner
        left = inner
    return left


def _versions(versions: Versions, kinds: Mapping[str, str], issues: Issues, unknown: Unknown) -> Versions:
    """The values of one attribute that hold together."""
    name = versions.name
    bad: set[int] = set()
    if not versions.in_rows and not kinds.keys() >= set(versions.nodes):
        bad = {row for row, node in enumerate(versions.nodes) if node not in kinds}
        for row in sorted(bad):
            unknown.add(versions.places[row], f"attribute {name}", versions.nodes[row])
    for row, days in versions.dates.items():
        if row not in bad and _is_backwards(*days):
            _say_backwards(*days, versions.places[row], f"{name} of '{versions.nodes[row]}'", issues)
            bad.add(row)
    if bad:
        versions = versions.picked([row for row in range(len(versions.nodes)) if row not in bad])
    several = _groups(versions.nodes) if not versions.in_rows else {}
    for node, group in several.items():
        group.sort(key=versions.span)
        for one, other in _overlaps(group, versions.span):
            _say_two_values(versions, node, (one, other), issues)
    if several:  # those of one node are put together
        first = {node: min(group) for node, group in several.items()}
        rows: Iterable[Iterable[int]] = (
            (several[node] if first[node] == row else ()) if node in several else (row,)
            for row, node in enumerate(versions.nodes)
        )
        versions = versions.picked(list(itertools.chain.from_iterable(rows)))
    return versions


def _say_two_values(versions: Versions, node: str, pair: tuple[int, int], issues: Issues) -> None:
    """A fault where a node has two values of an attribute at once."""
    (_, until), (start, end) = map(versions.span, pair)
    place, elsewhere = sorted((versions.places[row] for row in pair), reverse=True)
    both = " and ".join(_short(versions.given[row]) for row in pair)
    issues.error(
        place, "O109", f"{versions.name} of '{node}' is {both} at once, {stretch_text(start, min(until, end))}",
        f"end one before the other begins; the other is at {elsewhere}",
    )  # fmt: skip


def _short(value: object) -> str:
    text = str(value)
    return f"'{text[:39]}…'" if len(text) > 40 else f"'{text}'"
