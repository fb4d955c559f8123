"""Tells people how a run ended, in the formats of their chats."""
