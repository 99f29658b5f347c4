"""Models: what each one is (``card``), where its file is, and the weights that ship."""
