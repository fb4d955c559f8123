"""The rules, one a file, by what they look at: `shape`, `base`, `names`, `wheel`, `host`, `registry`."""
