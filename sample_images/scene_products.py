"""The products of the sample shop as Blender scenes: mug, vase, bowl, bottle, ring and toy car.

Lengths are in arbitrary units, some 5 cm each. Every product is a function that builds it on the
table at the origin and gives the shot it wants.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from scene_forms import block, branch, gem, hoop, lathe, lettering, pipe, shell
from scene_surfaces import Colour, clear, glaze, grain, material


@dataclass(frozen=True, kw_only=True)
class Shot:
    """How a product is to be photographed: distances in units, colours linear."""

    distance: float = 10.5
    height: float = 3.2
    aim: float = 0.95
    aim_x: float = 0.0
    focus_before: float = 0.5
    f_number: float = 5.6
    light: float = 0.87
    room: float = 0.3
    backdrop: Colour = (0.86, 0.86, 0.85)


def mug() -> Shot:
    """Build a stoneware mug, glazed in lagoon blue above raw clay."""
    dipped = glaze(
        material("lagoon", (0.1, 0.3, 0.4), coat_weight=0.3),
        clay=(0.42, 0.27, 0.17),
        colours=((0.012, 0.085, 0.16), (0.05, 0.26, 0.33)),
        edge=0.36,
    )
    outside = [(0, 0.03), (0.62, 0.03), (0.66, 0.0), (0.78, 0.0), (0.84, 0.05), (0.88, 0.16)]
    wall = [(0.9, 0.6), (0.9, 1.3), (0.915, 1.86), (0.905, 1.92), (0.875, 1.935), (0.85, 1.9)]
    inside = [(0.83, 1.6), (0.82, 0.9), (0.8, 0.28), (0.7, 0.13), (0, 0.11)]
    lathe(outside + wall + inside, dipped)
    turn = math.radians(-24)
    pipe([(0.84, 0, 1.58), (1.36, 0, 1.5), (1.42, 0, 0.85), (0.86, 0, 0.5)], 0.105, dipped, turn)
    return Shot(distance=10.2, aim=0.93, aim_x=0.14)


def vase() -> Shot:
    """Build a cream vase with three branches of eucalyptus."""
    dipped = glaze(
        material("cream", (0.6, 0.55, 0.45), coat_weight=0.15),
        clay=(0.36, 0.16, 0.085),
        colours=((0.62, 0.53, 0.4), (0.74, 0.68, 0.57)),
        edge=0.62,
    )
    outside = [(0, 0.02), (0.45, 0.02), (0.55, 0.0), (0.62, 0.06), (0.86, 0.5), (0.95, 0.95)]
    neck = [(0.86, 1.4), (0.55, 1.85), (0.3, 2.2), (0.25, 2.5), (0.28, 2.8), (0.38, 3.0)]
    inside = [(0.4, 3.04), (0.36, 3.04), (0.24, 2.8), (0.2, 2.5), (0.24, 2.2), (0.5, 1.8)]
    lathe([*outside, *neck, *inside, (0.75, 1.3), (0.6, 0.3), (0, 0.15)], dipped)
    leaf = grain(
        material("leaf", (0.1, 0.2, 0.15), rough=0.55, subsurface_weight=0.1),
        ((0.075, 0.17, 0.12), (0.2, 0.3, 0.24)),
        scale=1.8,
    )
    twig = material("twig", (0.16, 0.09, 0.06), rough=0.7)
    dice = random.Random(11)
    for tip in ((-1.35, 0.1, 5.0), (0.25, -0.25, 5.6), (1.25, 0.2, 4.7)):
        branch((0.0, 0.0, 2.2), tip, twig, leaf, dice)
    return Shot(distance=16.6, height=4.0, aim=2.72, focus_before=0.2, backdrop=(0.72, 0.66, 0.6))


def bowl() -> Shot:
    """Build a turned walnut bowl of lemons."""
    walnut = grain(
        material("walnut", (0.2, 0.1, 0.05), rough=0.38, coat_weight=0.25),
        ((0.1, 0.038, 0.015), (0.36, 0.17, 0.07)),
        scale=2.6,
        stretch=(0.5, 3.0, 6.0),
        bump=0.06,
        span=(0.36, 0.68),
    )
    outside = [(0, 0.0), (0.6, 0.0), (0.66, 0.05), (0.9, 0.22), (1.35, 0.75), (1.55, 1.2)]
    inside = [(1.54, 1.25), (1.5, 1.25), (1.46, 1.18), (1.22, 0.75), (0.8, 0.3), (0.4, 0.16)]
    lathe([*outside, *inside, (0, 0.14)], walnut)
    peel = grain(
        material("peel", (0.8, 0.5, 0.02), rough=0.36, subsurface_weight=0.08),
        ((0.72, 0.42, 0.008), (0.82, 0.56, 0.025)),
        scale=30.0,
        bump=0.22,
    )
    half = [(0, -0.56), (0.07, -0.54), (0.12, -0.47), (0.27, -0.36), (0.38, -0.14), (0.39, 0.06)]
    rest = [(0.33, 0.26), (0.2, 0.4), (0.1, 0.47), (0.075, 0.53), (0.03, 0.56), (0, 0.56)]
    places = [
        ((0.5, -0.42, 0.88), (70, 10, 60)),
        ((-0.52, -0.38, 0.9), (80, 20, -50)),
        ((-0.42, 0.52, 0.95), (75, 0, 20)),
        ((0.52, 0.5, 0.95), (100, 0, -70)),
        ((-0.02, -0.05, 1.36), (82, 25, 62)),
    ]
    for place, turns in places:
        lemon = lathe(half + rest, peel, steps=64)
        lemon.location = place
        lemon.rotation_euler = tuple(math.radians(turn) for turn in turns)
    return Shot(distance=11.2, height=4.4, aim=0.72, focus_before=0.9)


def bottle() -> Shot:
    """Build a bottle of orange blossom syrup with a label and a brass cap."""
    glass = clear(
        material("glass", (0.96, 0.98, 0.97), rough=0.0, transmission_weight=1.0, ior=1.5)
    )
    syrup = clear(
        material("syrup", (0.95, 0.42, 0.05), rough=0.0, transmission_weight=1.0, ior=1.36)
    )
    brass = material("brass", (0.78, 0.5, 0.2), rough=0.24, metallic=1.0)
    outside = [(0, 0.05), (0.6, 0.04), (0.7, 0.0), (0.8, 0.03), (0.84, 0.12), (0.84, 0.3)]
    shoulder = [(0.84, 2.2), (0.83, 2.45), (0.7, 2.68), (0.4, 2.82), (0.31, 2.95), (0.3, 3.4)]
    inside = [(0.22, 3.4), (0.22, 2.95), (0.32, 2.76), (0.66, 2.58), (0.75, 2.4), (0.76, 2.2)]
    lathe([*outside, *shoulder, *inside, (0.76, 0.3), (0.7, 0.2), (0, 0.17)], glass)
    lathe([(0, 0.165), (0.71, 0.195), (0.765, 0.3), (0.765, 2.18), (0, 2.18)], syrup, smooth=0)
    lathe(
        [(0, 3.18), (0.4, 3.18), (0.42, 3.2), (0.42, 3.82), (0.4, 3.86), (0, 3.86)], brass, smooth=1
    )
    paper = material("label", (0.82, 0.79, 0.7), rough=0.7)
    shell(0.849, (0.62, 1.86), math.radians(150), paper)
    ink = material("ink", (0.05, 0.085, 0.05), rough=0.5)
    for words, size, level in (
        ("ORANGE", 0.27, 1.46),
        ("BLOSSOM", 0.27, 1.2),
        ("syrup  ·  No. 13", 0.135, 0.98),
        ("250 ml", 0.105, 0.76),
    ):
        lettering(words, size, level, 0.852, ink)
    return Shot(
        distance=13.4, height=3.0, aim=1.93, focus_before=0.8, backdrop=(0.8, 0.6, 0.45), room=0.4
    )


def ring() -> Shot:
    """Build a gold ring with a pale sapphire in four claws."""
    gold = material("gold", (0.86, 0.56, 0.22), rough=0.13, metallic=1.0)
    stone = material("sapphire", (0.22, 0.5, 0.95), rough=0.0, transmission_weight=1.0, ior=1.9)
    turn = math.radians(34)
    hoop(0.9, 0.085, 1.0, gold, turn)
    gem((0.0, 0.0, 2.3), stone)
    for corner in range(4):
        angle = math.radians(45 + 90 * corner) + turn
        x, y = math.cos(angle), math.sin(angle)
        foot, waist = (0.1 * x, 0.1 * y, 1.93), (0.34 * x, 0.34 * y, 2.14)
        tip = (0.4 * x, 0.4 * y, 2.4)
        pipe([foot, waist, (0.43 * x, 0.43 * y, 2.3), tip], 0.036, gold, 0.0)
    return Shot(distance=12.4, height=3.8, aim=1.28, focus_before=0.2, room=0.22)


def car() -> Shot:
    """Build a wooden toy car with a driver."""
    paint = material("paint", (0.62, 0.035, 0.02), rough=0.3, coat_weight=0.4)
    beech = grain(
        material("beech", (0.6, 0.38, 0.2), rough=0.45),
        ((0.5, 0.28, 0.13), (0.66, 0.43, 0.24)),
        scale=2.4,
        stretch=(0.5, 4.0, 6.0),
        span=(0.35, 0.7),
    )
    dark = material("walnut", (0.1, 0.04, 0.018), rough=0.4)
    block((0, 0, 0.66), (3.0, 1.2, 0.56), 0.2, paint)
    block((0.42, 0, 1.12), (1.1, 0.98, 0.5), 0.2, paint)
    block((-0.9, 0, 0.97), (0.9, 0.9, 0.16), 0.07, beech)
    wheel = [(0, -0.14), (0.36, -0.14), (0.42, -0.1), (0.43, 0.0), (0.42, 0.1), (0.36, 0.14)]
    hub = [(0, -0.2), (0.11, -0.2), (0.14, -0.17), (0.14, 0.17), (0.11, 0.2), (0, 0.2)]
    for x in (-0.92, 0.92):
        for y in (-0.7, 0.7):
            for profile, made in (([*wheel, (0, 0.14)], beech), (hub, dark)):
                part = lathe(profile, made)
                part.location = (x, y, 0.43)
                part.rotation_euler = (math.pi / 2, 0, 0)
    lamp = [(0, -0.1), (0.14, -0.1), (0.16, -0.07), (0.16, 0.05), (0.12, 0.1), (0, 0.12)]
    for y in (-0.34, 0.34):
        part = lathe(lamp, beech)
        part.location = (-1.5, y, 0.7)
        part.rotation_euler = (0, -math.pi / 2, 0)
    body = [(0, 1.2), (0.3, 1.2), (0.31, 1.4), (0.24, 1.6), (0.12, 1.66), (0, 1.66)]
    lathe(body, material("jersey", (0.02, 0.13, 0.22), rough=0.5))
    head = [(0, -0.3), (0.15, -0.26), (0.27, -0.12), (0.3, 0.02), (0.25, 0.18), (0, 0.29)]
    face = lathe(head, beech)
    face.location = (0, 0, 1.9)
    cap = lathe([(0, 0.31), (0.14, 0.28), (0.27, 0.16), (0.315, 0.03), (0, 0.03)], dark)
    cap.location = (0, 0, 1.9)
    return Shot(distance=12.2, height=4.2, aim=0.92, focus_before=0.5)


PRODUCTS: Final[dict[str, Callable[[], Shot]]] = {
    "bottle": bottle,
    "bowl": bowl,
    "car": car,
    "mug": mug,
    "ring": ring,
    "vase": vase,
}
