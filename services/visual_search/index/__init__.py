"""Products in a vector store: kept with the catalogue's revision, filtered, found, ranked.

vector_store    what a store must do for us: points, vectors, conditions
edge            Qdrant Edge, in this process
remote          a Qdrant cluster
products        products as points, on top of either
product_filter  which products may be found, as conditions
image_vectors   vectors of products with several images, in memory
text            words as sparse vectors
ranking         points found to products ranked: pooling, fusing, folding
"""
