"""Drafts and releases of the scorecard: build, approve, publish, verify."""
