"""The pictures on the packages: leaves, fruit, beans, fish, mountains and so on.

Each motif paints itself in place round a centre, ``size`` pixels across.
"""

from __future__ import annotations

from shared.demo.packages import plants, wares

MOTIFS: dict[str, plants.Motif] = {
    "leaf": plants.leaf,
    "citrus": plants.citrus,
    "flower": plants.flower,
    "rings": wares.rings,
    "strands": wares.strands,
    "bean": wares.bean,
    "tomato": plants.tomato,
    "fish": wares.fish,
    "bubbles": wares.bubbles,
    "olive": plants.olive,
    "mountain": wares.mountain,
    "pepper": plants.pepper,
    "potato": plants.potato,
    "cow": wares.cow,
    "wheat": plants.wheat,
}
"""Every motif by the name that ``look.motif`` gives it."""
