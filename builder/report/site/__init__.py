"""The family's web site: one folder of pages that need no server and ask for nothing outside it."""
