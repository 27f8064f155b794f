"""What the DAG files share. Airflow looks for DAGs beside this package, not in it (.airflowignore)."""
