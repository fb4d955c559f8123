"""The rules, one per file: each says what is wrong with a matrix that reads well."""
