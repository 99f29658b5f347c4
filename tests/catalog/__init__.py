"""The catalogue's tests: rules, codes, feeds, the store on both databases, the wire."""
