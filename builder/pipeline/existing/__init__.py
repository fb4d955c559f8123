"""What is there already, as registries tell: bases, releases and their past, and what follows from them."""
