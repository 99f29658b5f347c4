"""The trainer: fine-tunes the embedder that turns pictures into vectors.

One run, in the order of its files:

    starting      starting weights: ImageNet's (dequantise) or a card's
    catalogue     the retailer's reference images -> CSV
    dataset       photos with labels and splits
    checking      every photo tried before the first step
    loading       an epoch's draw -> augmented views (augmentation) -> batches
    mixing        views pasted into views
    network, loss what is trained, what is minimised
    student       the two in one forward pass
    teaching      what several embedders say together, for one to learn
    plan          every number that decides the result
    training      epochs, moving average, checkpoint, distributed
    evaluation    validation recall
    export        ONNX, int8, checked against torch
    run           all of it; commands (options) is its command line, home where it installs

``public_data``, ``figures`` and ``finishing`` belong to the default embedder. More than
eight files, since each is one step that can be read and tested alone. Only ``commands``,
``options`` and ``home`` may be imported without torch.
"""
