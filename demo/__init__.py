"""The demo: synthetic returns for two years, which go through every step."""
