"""The wire forms: the only place where a vendor's spelling of anything is written down."""
