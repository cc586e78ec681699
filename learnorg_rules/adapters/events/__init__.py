"""Files, frames and rows to events."""
