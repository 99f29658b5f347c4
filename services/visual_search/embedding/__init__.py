"""Pictures in, vectors of length 1 out, whose dot product says how alike they look.

embedder       what an embedder is, opening one by its id, the queue that runs it
classical      embedders without weights
onnx_embedder  embedders as ONNX files beside their cards
batching       the queue for a GPU, where a batch costs little more than one
choosing       switching to an embedder that is chosen while the service runs
model_size     bytes and parameters of a model file
"""
