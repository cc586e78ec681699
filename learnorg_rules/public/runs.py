"""Names that one run needs."""

from ..adapters.events.sources import FrameEvents as FrameEvents
from ..adapters.events.sources import events_from as events_from
from ..adapters.events.sources import scan_events as scan_events
from ..adapters.organisation.reading import read_org as read_org
from ..adapters.organisation.reading import write_org as write_org
from ..api import Result as Result
from ..api import assess as assess
from ..events import Event as Event
from ..org.organisation import Organisation as Organisation
from ..spark.events import spark_events as spark_events
