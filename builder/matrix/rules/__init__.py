"""The rules, one a file: by what they look at, in `shape`, `base`, `names`, `wheel` and `host`."""
