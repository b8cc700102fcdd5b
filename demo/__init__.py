"""The demo: synthetic returns for two years, taken through every step."""
