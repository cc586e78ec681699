"""Names that an application needs which keeps results up to date."""

from ..explain.changes import change_sentence as change_sentence
from ..judging.changes import Cause as Cause
from ..judging.changes import Change as Change
from ..live import Live as Live
from ..live import Posted as Posted
from ..live import cloudevent as cloudevent
from ..store.records import Publication as Publication
from ..store.records import Restatement as Restatement
