"""Docker and the tools around it: the only room that talks to them. All but the values is imported late."""
