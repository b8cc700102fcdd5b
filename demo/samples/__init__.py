"""Synthetic sample returns, 2017/18 Q1 to 2021/22 Q4.

A seed makes them repeatable. They fill the same blank workbooks that partners get, and add up to every figure that
the South and Vale reports published (``published.yml``). All other numbers are invented at a plausible level.
Nothing in them is about a real case.
"""
