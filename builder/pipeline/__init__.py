"""The verbs, one a file: each composes the rooms below, and each can be killed anywhere and run again."""
