"""Back up the warehouse, and restore it."""
