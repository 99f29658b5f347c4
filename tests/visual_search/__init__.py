"""Visual search: its parts alone, then the service beside a real catalogue."""
