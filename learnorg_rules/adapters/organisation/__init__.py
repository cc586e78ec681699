"""Files of an organisation, read and written."""
