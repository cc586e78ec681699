"""What depends on what: a ruleset and an organisation to a frozen, printable dataflow."""
