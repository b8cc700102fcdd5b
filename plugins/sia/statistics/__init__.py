"""Statistical methods: intervals, charts, trends, comparisons. Pure."""
