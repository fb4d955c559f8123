"""Why CUDA is not available in an image on a machine: which layer broke, and what mends it."""
