"""The tasks of ``sales_analytics_etl``."""
