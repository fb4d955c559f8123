"""The verbs, one a file: each composes the rooms below, and each can be killed anywhere and run again.

What several verbs need is in three packages: `existing` looks at registries, `staging` plans, builds and
tests, `inputs` has what comes from the matrix. Imports go in that order.
"""
