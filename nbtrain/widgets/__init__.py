"""The widgets: thin skins over the plain Python calls, nothing is computed here."""
