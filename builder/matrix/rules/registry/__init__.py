"""Rules about what registries say; they say nothing where none was asked, as with `check --offline`."""
