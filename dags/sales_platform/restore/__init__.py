"""The tasks of ``restore_drill``."""
