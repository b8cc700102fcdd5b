"""Readers: a file of any accepted format becomes tables and findings."""
