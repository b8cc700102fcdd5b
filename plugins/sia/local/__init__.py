"""Services on one machine: PostgreSQL, Airflow and a mail catcher."""
