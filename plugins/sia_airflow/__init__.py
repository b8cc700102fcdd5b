"""The parts of our DAGs that Airflow has to find: timetables, triggers, operators, callbacks and pages."""
