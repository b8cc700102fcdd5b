"""The PostgreSQL warehouse: migrations, loading, and what was known when."""
