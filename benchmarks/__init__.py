"""Measurements side by side with what people use today; each module runs as `python -m benchmarks.<name>`."""
