"""The command line ``sia``, which the targets of the Makefile call."""
