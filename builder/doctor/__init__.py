"""What stands between a machine, or an image on it, and CUDA: diagnosis from what was read, and no I/O."""
