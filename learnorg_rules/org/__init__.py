"""The organisation as a dated graph of units, bodies and persons."""

from .organisation import Organisation
from .records import EDGE_KINDS, Attribute, Edge, EdgeKind, Node
from .snapshot import Snapshot

__all__ = ["EDGE_KINDS", "Attribute", "Edge", "EdgeKind", "Node", "Organisation", "Snapshot"]
