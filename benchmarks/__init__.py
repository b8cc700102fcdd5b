"""How fast and how large: the police route against its floor and its alternatives, and what Airflow costs."""
