"""The cloud path without a cloud: the stack's settings, Airflow and the job as they are, emulators
in place of services.
"""
