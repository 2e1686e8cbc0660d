"""Render the product photographs that the samples are made from, with Blender as a Python module.

Done once by hand; neither the program nor its tests ever need it (PyPI `bpy` 5.0.1, Python 3.11):

    python sample_images/scene.py bottle 2000 3000 24 masters/bottle.png
    python sample_images/scene.py car 480 480 12 masters/turn/car.png --frames 24
    python sample_images/scene.py ring 1800 1800 24 masters/ring-cutout.png --cutout

The products are built in `scene_products.py`; this file is the studio around them.
"""

from __future__ import annotations

import argparse
import math
import time
from pathlib import Path
from typing import Any

import bpy  # type: ignore[import-not-found]
from mathutils import Vector  # type: ignore[import-not-found]
from scene_forms import mesh_object
from scene_products import PRODUCTS, Shot
from scene_surfaces import material


def studio(shot: Shot) -> Any:
    """Set up the paper sweep, three softboxes and a dim room; give the sweep."""
    points = [(-9.0, 0.0)]
    points += [
        (4 + 3 * math.sin(angle), 3 - 3 * math.cos(angle))
        for angle in (step * math.pi / 64 for step in range(33))
    ]
    points.append((7.0, 14.0))
    left = [(-18.0, y, z) for y, z in points]
    right = [(18.0, y, z) for y, z in points]
    count = len(points)
    faces = [(i, count + i, count + i + 1, i + 1) for i in range(count - 1)]
    paper = material("paper", shot.backdrop, rough=0.9)
    sweep = mesh_object("sweep", left + right, faces, paper)
    softbox((-4.2, -3.0, 4.6), (2.2, 3.2), 330 * shot.light)
    softbox((4.2, -2.0, 3.6), (1.6, 3.0), 150 * shot.light)
    softbox((0.0, 3.0, 6.5), (6.0, 3.0), 330 * shot.light, (0.0, 2.0, 0.0))
    world = bpy.data.worlds.new("room")
    background = world.node_tree.nodes["Background"]
    background.inputs[0].default_value = (1.0, 0.98, 0.95, 1.0)
    background.inputs[1].default_value = shot.room
    bpy.context.scene.world = world
    return sweep


def softbox(
    place: tuple[float, float, float],
    size: tuple[float, float],
    watts: float,
    target: tuple[float, float, float] = (0.0, 0.0, 1.0),
) -> None:
    """Hang a rectangular lamp that points at a target."""
    light = bpy.data.lights.new("softbox", "AREA")
    light.shape = "RECTANGLE"
    light.size, light.size_y = size
    light.energy = watts
    lamp = bpy.data.objects.new("softbox", light)
    lamp.location = place
    lamp.rotation_euler = (Vector(target) - Vector(place)).to_track_quat("-Z", "Y").to_euler()
    bpy.context.scene.collection.objects.link(lamp)


def camera(shot: Shot) -> None:
    """Put the camera where the shot wants it, focused a little before the middle."""
    lens = bpy.data.cameras.new("camera")
    lens.lens = 85
    body = bpy.data.objects.new("camera", lens)
    bpy.context.scene.collection.objects.link(body)
    bpy.context.scene.camera = body
    body.location = (0.0, -shot.distance, shot.height)
    aim = Vector((shot.aim_x, 0.0, shot.aim)) - body.location
    body.rotation_euler = aim.to_track_quat("-Z", "Y").to_euler()
    lens.dof.use_dof = True
    lens.dof.focus_distance = aim.length - shot.focus_before
    lens.dof.aperture_fstop = shot.f_number


def renderer(width: int, height: int, samples: int, *, cutout: bool) -> None:
    """Choose Cycles with few samples and a denoiser."""
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    cycles = scene.cycles
    cycles.device = "CPU"
    cycles.samples = samples
    cycles.use_denoising = True
    cycles.denoiser = "OPENIMAGEDENOISE"
    cycles.use_adaptive_sampling = True
    cycles.adaptive_threshold = 0.02
    cycles.max_bounces = 12
    cycles.transmission_bounces = 12
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.sample_clamp_indirect = 6.0
    scene.view_settings.view_transform = "Standard"
    scene.render.film_transparent = cutout
    scene.render.resolution_x, scene.render.resolution_y = width, height
    scene.render.resolution_percentage = 100
    scene.render.use_persistent_data = True
    scene.render.image_settings.file_format = "PNG"
    scene.render.image_settings.color_mode = "RGBA" if cutout else "RGB"
    scene.render.image_settings.color_depth = "8"
    scene.render.image_settings.compression = 15


def main() -> None:
    """Render one product, once or as a turntable."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("product", choices=sorted(PRODUCTS))
    parser.add_argument("width", type=int)
    parser.add_argument("height", type=int)
    parser.add_argument("samples", type=int)
    parser.add_argument("out", type=Path)
    parser.add_argument("--cutout", action="store_true", help="on nothing, with its shadow")
    parser.add_argument("--turn", type=float, default=0.0, help="degrees round the vertical axis")
    parser.add_argument("--frames", type=int, default=1, help="a whole turn in so many pictures")
    wanted = parser.parse_args()

    bpy.ops.wm.read_factory_settings(use_empty=True)
    shot = PRODUCTS[wanted.product]()
    table = bpy.data.objects.new("turntable", None)
    bpy.context.scene.collection.objects.link(table)
    for thing in list(bpy.context.scene.collection.objects):
        if thing is not table and thing.parent is None:
            thing.parent = table
    sweep = studio(shot)
    sweep.is_shadow_catcher = wanted.cutout
    camera(shot)
    renderer(wanted.width, wanted.height, wanted.samples, cutout=wanted.cutout)
    for frame in range(wanted.frames):
        turn = wanted.turn + 360.0 * frame / wanted.frames
        table.rotation_euler = (0.0, 0.0, math.radians(turn))
        out = wanted.out.absolute()
        if wanted.frames > 1:
            out = out.with_stem(f"{out.stem}-{frame:02d}")
        bpy.context.scene.render.filepath = str(out)
        began = time.monotonic()
        bpy.ops.render.render(write_still=True)
        print(f"{out}: {time.monotonic() - began:.1f} s", flush=True)


if __name__ == "__main__":
    main()
