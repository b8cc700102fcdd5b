"""The PostgreSQL warehouse: migrations, loading, and the history of what we knew."""
