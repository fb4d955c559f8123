"""From raw tables, as people gather and comment them, to the tables in builder/facts.

One file a table. What the raw tables do not carry (titles, sources, image names, other names of a GPU) is in
overlay.yaml and is merged in on every update.
"""
