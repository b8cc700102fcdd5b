"""The parts of our DAGs that Airflow loads: timetables, triggers, operators, callbacks and pages."""
