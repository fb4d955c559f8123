"""Released images in the words of the services that run them. Each module writes one kind of file."""
