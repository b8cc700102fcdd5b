"""Save the warehouse, and bring it back."""
