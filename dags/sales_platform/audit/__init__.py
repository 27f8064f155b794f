"""Watching who reads the warehouse, by the audit log."""
