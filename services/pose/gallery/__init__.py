"""Pictures of every kind of product, worn: what a person looks at to judge try-on.

``python -m services.pose.gallery OUT`` draws products of the demo on people who may be shown:
NASA's portrait of Eileen Collins (scikit-image carries it), a person and a hand that are drawn,
and, where ``VITRINE_DATA`` has it, the US Navy's portrait of Grace Hopper.
"""
