"""Safer communities intelligence: returns in, an honest scorecard out."""
