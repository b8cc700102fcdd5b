"""Fetch the monthly archive of data.police.uk."""
