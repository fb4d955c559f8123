"""GitHub's REST API, as far as alarms and notifications need it. The only room that knows it."""
