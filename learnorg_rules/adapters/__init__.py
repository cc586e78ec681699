"""The outside, one system each: files of organisations and events."""
