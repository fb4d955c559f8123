"""Who we are to a registry: credentials, challenges, token servers. Nothing here sends anything by itself."""
