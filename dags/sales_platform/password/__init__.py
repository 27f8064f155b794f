"""The tasks of ``rotate_database_password``."""
