"""Products drawn into a picture on the server, for clients that cannot draw.

In go the picture, placements with meshes, textures and the landmarks; out comes the picture
with the products in its light, behind what is in front of them.
"""
