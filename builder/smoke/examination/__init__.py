"""Looks at all that is between a container and CUDA, and judges nothing. Runs inside, like the probe."""
