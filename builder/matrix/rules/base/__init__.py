"""Rules about the bases: tags that NVIDIA has, had or will delete, and their operating systems."""
