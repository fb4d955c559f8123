"""Release records: what every tag points to, composed, read and written."""
