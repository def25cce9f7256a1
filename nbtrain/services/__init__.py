"""The services that train: one seam, several implementations."""
