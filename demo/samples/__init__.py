"""Made-up sample returns, 2017/18 Q1 to 2021/22 Q4.

They are seeded and repeatable, made by filling the very workbooks that partners get, and agree with
every figure that the South and Vale reports published (``published.yml``). What no report published is
invented at a plausible level. Nothing in them is about a real case.
"""
