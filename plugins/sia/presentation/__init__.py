"""Scorecards as pages, workbooks and data files."""
