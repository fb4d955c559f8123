"""A service that computes with torch and says how its GPU is."""
