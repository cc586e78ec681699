"""Names that checking rule files needs."""

from ..authoring import load as load
from ..errors import InputError as InputError
from ..errors import Issue as Issue
from ..errors import Source as Source
from ..model.definitions import CaseColumns as CaseColumns
from ..model.definitions import FieldType as FieldType
from ..model.definitions import Text as Text
from ..model.ruleset import Ruleset as Ruleset
from ..periods import Calendar as Calendar
from ..periods import Holiday as Holiday
from ..periods import Period as Period
from ..periods import Schedule as Schedule
from ..values import to_decimal as to_decimal
