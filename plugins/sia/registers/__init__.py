"""Registers: the YAML files of people, dates and policy in ``include/registers``."""
