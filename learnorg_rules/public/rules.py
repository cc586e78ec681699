"""Names that checking rule files needs."""

from ..authoring import load as load
from ..errors import InputError as InputError
from ..errors import Issue as Issue
from ..model.ruleset import Ruleset as Ruleset
from ..values import to_decimal as to_decimal
