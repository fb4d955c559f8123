"""The project's nouns: frozen values that know no room above them and do no I/O."""
