"""Trace a figure to the returns, sheets and rows that made it."""
