"""Version 1 of the contracts. ``make protos`` writes the stubs in this folder."""
