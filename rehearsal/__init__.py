"""The cloud path without a cloud: settings from the stack, Airflow and the job unchanged, emulators for services."""
