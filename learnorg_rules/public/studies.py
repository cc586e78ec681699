"""Names of what follows, compares and imitates runs."""

from ..diff import Comparison as Comparison
from ..diff import compare as compare
from ..live import Live as Live
from ..live import Posted as Posted
from ..live import cloudevent as cloudevent
from ..simulation.api import simulate as simulate
from ..simulation.reading import read_scenario as read_scenario
from ..spark.stream import Stream as Stream
