"""One HTTP exchange with a registry: connections, redirects, authorization, retries, bounded bodies."""
