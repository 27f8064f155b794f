"""What several DAGs use."""
