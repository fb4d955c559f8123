"""Reads the machine that the engine runs on, for the doctor: files below a root, and programs."""
