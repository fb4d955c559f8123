"""Machines with GPUs, what images need of them, and whether they run there."""
