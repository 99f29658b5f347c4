"""The catalogue's changes, applied in order to what is searched.

changes           what the catalogue tells its followers, and from where
catalog_client    the catalogue over gRPC: changes, images, stock, offers
follower          into the vector index, embedded
feature_follower  into the local features, behind the vectors
generations       one index per embedder: built beside the one that answers, then switched
"""
