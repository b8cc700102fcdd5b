"""The command line ``sia``, which the Makefile's targets call."""
