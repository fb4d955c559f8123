"""The command line: flags and printing, nothing else."""
