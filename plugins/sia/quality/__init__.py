"""Checking a staged return against its contract, and keeping what was found."""

import os

# Great Expectations reads this when it is imported, and modules of this package import it.
os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
