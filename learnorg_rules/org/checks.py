"""What can be wrong with the records of an organisation. Everything is looked at before anything is raised."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from graphlib import CycleError, TopologicalSorter

from attrs import field, frozen

from ..errors import Issues, Source, did_you_mean, nearest
from .records import KINDS, NODE_KINDS, TREE_KINDS, Attribute, Edge, Node
from .timeline import ALWAYS, Link, half_open, stretch_text

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
}
"""Code -> title and explanation, for the page of errors."""

_HINTS = 200  # look-ups of the nearest id: each compares with a good part of all ids


@frozen
class Checked:
    """The records, indexed. `links[kind]` has one link for each of `edges[kind]`, in the same order."""

    nodes: dict[str, Node] = field(factory=dict)
    lives: dict[str, tuple[date, date]] = field(factory=dict)
    edges: dict[str, list[Edge]] = field(factory=lambda: {kind: [] for kind in KINDS})
    links: dict[str, list[Link]] = field(factory=lambda: {kind: [] for kind in KINDS})
    versions: dict[str, dict[str, tuple[Attribute, ...]]] = field(factory=dict)


def check(
    nodes: Iterable[Node], edges: Iterable[Edge], attributes: Iterable[Attribute], files: Sequence[str], issues: Issues
) -> Checked:
    """The records indexed, as far as they hold together; every fault goes to `issues`."""
    found = Checked()
    _nodes(nodes, found, issues)
    if not found.nodes:
        place = Source(files[0] if files else "organisation")
        issues.error(place, "O111", "there is no unit, body or person", "write at least one unit")
    hint = _IdHints(found.nodes)
    _edges(edges, found, issues, hint)
    for kind in TREE_KINDS:
        _one_at_a_time(kind, range(len(found.links[kind])), found, issues)
    homes = [i for i, link in enumerate(found.links["member_of"]) if is_home(link, found.nodes)]
    _one_at_a_time("member_of", homes, found, issues)
    for edge_kind in KINDS.values():
        if edge_kind.acyclic:
            _circles(edge_kind.name, found, issues)
    _attributes(attributes, found, issues, hint)
    return found


def is_home(link: Link, nodes: Mapping[str, Node]) -> bool:
    """Whether a link of `member_of` joins a person to a unit."""
    return nodes[link[2]].kind == "person" and nodes[link[3]].kind == "unit"


def _nodes(nodes: Iterable[Node], found: Checked, issues: Issues) -> None:
    for node in nodes:
        first = found.nodes.setdefault(node.id, node)
        if first is not node:
            issues.error(
                node.source,
                "O101",
                f"{node.kind} '{node.id}' is there twice; first as a {first.kind} at {first.source}",
            )
            continue
        if node.kind not in NODE_KINDS:
            raise ValueError(f"no kind of node: {node.kind!r}")
        if _is_backwards(node, f"{node.kind} '{node.id}'", issues):
            found.lives[node.id] = ALWAYS  # said once; what hangs on it is not faulted again
        else:
            found.lives[node.id] = half_open(node.from_, node.to)


def _is_backwards(record: Node | Edge | Attribute, what: str, issues: Issues) -> bool:
    if record.from_ is None or record.to is None or record.from_ <= record.to:
        return False
    issues.error(record.source, "O107", f"{what} begins {record.from_}, after it ends {record.to}")
    return True


class _IdHints:
    """The hint for an id nobody has. Comparing with every id of a large organisation would take minutes."""

    def __init__(self, nodes: Mapping[str, Node]) -> None:
        self.nodes = nodes
        self.known: dict[str, str] = {}

    def __call__(self, word: str) -> str:
        if word not in self.known and len(self.known) < _HINTS:
            options: Iterable[str] = self.nodes
            if len(self.nodes) > 1000:
                head = word[:2].casefold()
                options = (n for n in self.nodes if abs(len(n) - len(word)) <= 2 and n[:2].casefold() == head)
                options = list(itertools.islice(options, 2000))
            near = nearest(word, options)
            self.known[word] = f"did you mean '{near}'?" if near is not None else ""
        return self.known.get(word, "")


def _edges(edges: Iterable[Edge], found: Checked, issues: Issues, hint: _IdHints) -> None:
    nodes = found.nodes
    for edge in edges:
        kind = KINDS.get(edge.kind)
        if kind is None:
            issues.error(edge.source, "O102", f"there is no edge kind '{edge.kind}'", _kind_hint(edge.kind))
        ends_there = True
        for end in (edge.source_id, edge.target_id):
            if end not in nodes:
                ends_there = False
                message = f"{_edge_text(edge)}: there is no unit, body or person '{end}'"
                issues.error(edge.source, "O103", message, hint(end))
        backwards = _is_backwards(edge, _edge_text(edge), issues) if edge.from_ and edge.to else False
        if kind is None or not ends_there:
            continue
        source, target = nodes[edge.source_id].kind, nodes[edge.target_id].kind
        if source not in kind.sources or target not in kind.targets:
            message = f"{_edge_text(edge)}: leads from a {source} to a {target}"
            wanted = f"from a {' or '.join(kind.sources)} to a {' or '.join(kind.targets)}"
            issues.error(edge.source, "O110", message, f"{kind.name} leads {wanted}")
        elif not backwards:
            span = _edge_span(edge, found.lives, issues)
            if span is not None:
                found.edges[edge.kind].append(edge)
                found.links[edge.kind].append((*span, edge.source_id, edge.target_id))


@cache
def _kind_hint(word: str) -> str:
    hint: str = did_you_mean(word, KINDS)
    return hint


def _edge_text(edge: Edge) -> str:
    return f"{edge.kind} from '{edge.source_id}' to '{edge.target_id}'"


def _edge_span(edge: Edge, lives: Mapping[str, tuple[date, date]], issues: Issues) -> tuple[date, date] | None:
    """The days the edge holds; None, and a fault, where it reaches outside the life of an end."""
    one, other = lives[edge.source_id], lives[edge.target_id]
    if edge.from_ is None and edge.to is None and one is ALWAYS and other is ALWAYS:
        return ALWAYS
    first, end = half_open(edge.from_, edge.to)
    succession = edge.kind == "succeeds"
    # The old one is gone when the new one takes its place: only the new one's life bounds the edge.
    latest, earliest = (one[0], one[1]) if succession else (max(one[0], other[0]), min(one[1], other[1]))
    faults = []
    for end_id, life in ((edge.source_id, one), (edge.target_id, other)):
        if edge.from_ is not None and edge.from_ < life[0]:
            faults.append(f"begins {edge.from_}, but '{end_id}' is there {stretch_text(*life)}")
        elif edge.to is not None and end > life[1] and not (succession and end_id == edge.target_id):
            faults.append(f"ends {edge.to}, but '{end_id}' is there {stretch_text(*life)}")
    start = latest if edge.from_ is None else first
    stop = earliest if edge.to is None else end
    if not faults and start >= stop:
        lives_text = f"'{edge.source_id}' is there {stretch_text(*one)}, '{edge.target_id}' {stretch_text(*other)}"
        faults.append(f"holds on no day: {lives_text}")
    if not faults and succession and other[0] > start:
        faults.append(f"begins {start}, but '{edge.target_id}' is there {stretch_text(*other)}")
    for fault in faults:
        issues.error(
            edge.source, "O108", f"{_edge_text(edge)}: {fault}",
            "leave `from` and `to` out where the edge holds as long as both ends live",
        )  # fmt: skip
    return None if faults else (start, stop)


def _one_at_a_time(kind: str, positions: Iterable[int], found: Checked, issues: Issues) -> None:
    """Faults where a source has two targets on one day; warnings where its target ends before it does."""
    links, edges = found.links[kind], found.edges[kind]
    first: dict[str, int] = {}
    several: dict[str, list[int]] = {}
    for i in positions:
        source = links[i][2]
        if first.setdefault(source, i) != i:
            several.setdefault(source, [first[source]]).append(i)
    for source, group in several.items():
        group.sort(key=lambda i: links[i])
        widest = group[0]
        for i in group[1:]:
            if links[i][0] < links[widest][1]:
                _two_at_once(kind, source, widest, i, found, issues)
            if links[i][1] > links[widest][1]:
                widest = i
    for source, i in first.items():
        last = max(several[source], key=lambda i: links[i][1]) if source in several else i
        end = links[last][1]
        if edges[last].to is None and end < found.lives[source][1]:
            lacks = "home" if kind == "member_of" else "parent"
            message = f"'{source}' has no {lacks} from {end} on, when '{links[last][3]}' is there no longer"
            along = "unit" if kind == "member_of" else kind
            issues.warn(edges[last].source, "O112", message, f"give it another {along}, or an end")


def _two_at_once(kind: str, source: str, one: int, other: int, found: Checked, issues: Issues) -> None:
    a, b = found.links[kind][one], found.links[kind][other]
    days = stretch_text(max(a[0], b[0]), min(a[1], b[1]))
    place, elsewhere = sorted((found.edges[kind][one].source, found.edges[kind][other].source), reverse=True)
    targets = f"'{a[3]}' twice" if a[3] == b[3] else f"'{min(a[3], b[3])}' and '{max(a[3], b[3])}'"
    hint = f"end one before the other begins; the other is at {elsewhere}"
    if kind == "member_of":
        issues.error(place, "O106", f"'{source}' is a member of {targets} at once, {days}", hint)
    else:
        issues.error(place, "O105", f"'{source}' is {kind} {targets} at once, {days}", hint)


def _circles(kind: str, found: Checked, issues: Issues) -> None:
    """A fault for each circle, with the days it is closed on."""
    links = found.links[kind]
    order: TopologicalSorter[str] = TopologicalSorter()
    for _, _, source, target in links:
        order.add(source, target)
    try:
        order.prepare()
    except CycleError:  # what is no circle over all time is none on any day
        from .circles import circles  # loads networkx, a good part of the start of a command, and circles are rare

        for position, start, end, circle in circles(links):
            place = min(found.edges[kind][j].source for j in position)
            issues.error(
                place, "O104", f"{kind} runs in a circle {stretch_text(start, end)}: {' -> '.join((*circle, circle[0]))}",
                "end one of these edges, or point it elsewhere",
            )  # fmt: skip


def _attributes(attributes: Iterable[Attribute], found: Checked, issues: Issues, hint: _IdHints) -> None:
    several: dict[tuple[str, str], list[Attribute]] = {}
    for attribute in attributes:
        if attribute.node not in found.nodes:
            message = f"attribute {attribute.name}: there is no unit, body or person '{attribute.node}'"
            issues.error(attribute.source, "O103", message, hint(attribute.node))
        elif not _is_backwards(attribute, f"{attribute.name} of '{attribute.node}'", issues):
            one = (attribute,)
            versions = found.versions.setdefault(attribute.name, {})
            if versions.setdefault(attribute.node, one) is not one:
                first = versions[attribute.node][0]
                several.setdefault((attribute.name, attribute.node), [first]).append(attribute)
    for (name, node), group in several.items():
        group.sort(key=lambda a: half_open(a.from_, a.to))
        found.versions[name][node] = tuple(group)
        widest = group[0]
        for version in group[1:]:
            start, end = half_open(version.from_, version.to)
            until = half_open(widest.from_, widest.to)[1]
            if start < until:
                place, elsewhere = sorted((widest.source, version.source), reverse=True)
                both = f"{_short(widest.value)} and {_short(version.value)}"
                issues.error(
                    place, "O109", f"{name} of '{node}' is {both} at once, {stretch_text(start, min(until, end))}",
                    f"end one before the other begins; the other is at {elsewhere}",
                )  # fmt: skip
            if end > until:
                widest = version


def _short(value: object) -> str:
    text = str(value)
    return f"'{text[:39]}…'" if len(text) > 40 else f"'{text}'"
