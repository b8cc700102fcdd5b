"""What Airflow loads from this project: timetables, triggers, callbacks and pages."""
