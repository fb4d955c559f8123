"""Builds, tests and publishes a family of multi-architecture CUDA images from one matrix."""

__version__ = "0.1.0"
