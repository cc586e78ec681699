"""Documents written by people: YAML text to trees that know their places, and trees to typed objects.

Knows nothing of rules; rule files, organisation files, rule tests and scenarios are all read with it.
"""

from .codes import CODES
from .positions import place
from .structure import BROKEN, Forms, Reader, check_id, is_id, reads_as_scalar, structure
from .yaml import LARGEST, Broken, Mapping_, Scalar, Sequence_, Tree, kind_of, read_yaml

__all__ = [
    "BROKEN", "CODES", "LARGEST", "Broken", "Forms", "Mapping_", "Reader", "Scalar", "Sequence_", "Tree", "check_id",
    "is_id", "kind_of", "place", "read_yaml", "reads_as_scalar", "structure",
]  # fmt: skip
