"""Disclosure control: which counts to suppress so that no small count can be read or worked out. Pure."""
