"""Runs whose events do not fit the memory: bucket by bucket, from temporary files or another engine."""
