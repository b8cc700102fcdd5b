"""Checks a staged return against its contract, and stores the findings."""

import os

# Great Expectations reads this when it is imported, and modules of this package import it.
os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
