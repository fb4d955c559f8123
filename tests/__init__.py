"""Tests of the project; `tests.servers` holds the real servers that several rooms test against."""
