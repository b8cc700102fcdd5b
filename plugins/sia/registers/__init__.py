"""Registers: the YAML files of people, dates and settings, each read strictly."""
