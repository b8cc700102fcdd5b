"""Speed and memory: the police route compared with alternatives, analysts' questions, and the cost of Airflow."""
