"""Rules about what comes as wheels: torch, its companions and NVIDIA's parts of the toolkit."""
