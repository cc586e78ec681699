"""The organisation as a dated graph of units, bodies and persons. Checking rule files needs `records` only, so nothing is imported here."""
