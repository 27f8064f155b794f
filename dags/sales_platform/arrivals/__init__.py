"""Sales files of a day: waiting for them, archiving them, finding those that come late."""
