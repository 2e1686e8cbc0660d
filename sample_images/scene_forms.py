"""Forms for the sample scenes: turned, bent, cut and lettered ones."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Sequence
from typing import Any

import bmesh  # type: ignore[import-not-found]
import bpy  # type: ignore[import-not-found]
from mathutils import Vector  # type: ignore[import-not-found]
from scene_surfaces import Point


def mesh_object(
    name: str, points: Sequence[Point], faces: Sequence[Sequence[int]], made: Any
) -> Any:
    """Make a smooth object of points and faces."""
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(points, [], faces)
    mesh.polygons.foreach_set("use_smooth", [True] * len(mesh.polygons))
    mesh.materials.append(made)
    thing = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(thing)
    return thing


def lathe(
    profile: Sequence[tuple[float, float]], made: Any, *, steps: int = 96, smooth: int = 2
) -> Any:
    """Turn a profile of (radius, height) round the vertical axis."""
    mesh = bpy.data.meshes.new("lathe")
    form = bmesh.new()
    rim = [form.verts.new((radius, 0.0, height)) for radius, height in profile]
    edges = [form.edges.new(pair) for pair in itertools.pairwise(rim)]
    turn = math.tau
    bmesh.ops.spin(form, geom=rim + edges, angle=turn, steps=steps, axis=(0, 0, 1), cent=(0, 0, 0))
    bmesh.ops.remove_doubles(form, verts=form.verts, dist=1e-4)
    bmesh.ops.recalc_face_normals(form, faces=form.faces)
    for face in form.faces:
        face.smooth = True
    form.to_mesh(mesh)
    form.free()
    mesh.materials.append(made)
    thing = bpy.data.objects.new("lathe", mesh)
    bpy.context.scene.collection.objects.link(thing)
    if smooth:
        finer = thing.modifiers.new("smooth", "SUBSURF")
        finer.levels = finer.render_levels = smooth
    return thing


def block(middle: Point, size: Point, round_off: float, made: Any) -> Any:
    """Make a rounded block."""
    x, y, z = (side / 2 for side in size)
    corners = [(i * x, j * y, k * z) for i in (-1, 1) for j in (-1, 1) for k in (-1, 1)]
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    thing = mesh_object("block", corners, faces, made)
    thing.location = middle
    bevel = thing.modifiers.new("round", "BEVEL")
    bevel.width = round_off
    bevel.segments = 8
    return thing


def pipe(path: Sequence[Point], radius: float, made: Any, turn: float) -> Any:
    """Bend a round rod along a path, turned round the vertical axis."""
    curve = bpy.data.curves.new("pipe", "CURVE")
    curve.dimensions = "3D"
    curve.bevel_depth = radius
    curve.bevel_resolution = 8
    curve.resolution_u = 32
    curve.use_fill_caps = True
    line = curve.splines.new("BEZIER")
    line.bezier_points.add(len(path) - 1)
    for knot, place in zip(line.bezier_points, path, strict=True):
        knot.co = place
        knot.handle_left_type = knot.handle_right_type = "AUTO"
    curve.materials.append(made)
    thing = bpy.data.objects.new("pipe", curve)
    thing.rotation_euler = (0.0, 0.0, turn)
    bpy.context.scene.collection.objects.link(thing)
    return thing


def hoop(radius: float, thickness: float, height: float, made: Any, turn: float) -> Any:
    """Make a standing ring, a little wider than thick."""
    points: list[Point] = []
    around, across = 256, 48
    for i in range(around):
        a = math.tau * i / around
        for j in range(across):
            b = math.tau * j / across
            out = radius + thickness * math.cos(b)
            points.append((out * math.cos(a), 1.5 * thickness * math.sin(b), out * math.sin(a)))
    faces = [
        (
            i * across + j,
            i * across + (j + 1) % across,
            (i + 1) % around * across + (j + 1) % across,
            (i + 1) % around * across + j,
        )
        for i in range(around)
        for j in range(across)
    ]
    thing = mesh_object("hoop", points, faces, made)
    thing.location = (0.0, 0.0, height)
    thing.rotation_euler = (0.0, 0.0, turn)
    return thing


def gem(place: Point, made: Any) -> Any:
    """Cut a round brilliant: the convex hull of its corners."""
    form = bmesh.new()
    for count, radius, height, shift in (
        (8, 0.24, 0.17, 0.5),
        (8, 0.36, 0.11, 0.0),
        (16, 0.43, 0.015, 0.0),
        (16, 0.43, -0.015, 0.0),
        (8, 0.12, -0.29, 0.5),
        (1, 0.0, -0.38, 0.0),
    ):
        for corner in range(count):
            angle = math.tau * (corner + shift) / count
            form.verts.new((radius * math.cos(angle), radius * math.sin(angle), height))
    bmesh.ops.convex_hull(form, input=form.verts)
    mesh = bpy.data.meshes.new("gem")
    form.to_mesh(mesh)
    form.free()
    mesh.materials.append(made)
    thing = bpy.data.objects.new("gem", mesh)
    thing.location = place
    bpy.context.scene.collection.objects.link(thing)
    return thing


def shell(radius: float, levels: tuple[float, float], angle: float, made: Any) -> Any:
    """Lay a sheet round the front of a cylinder."""
    steps = 96
    points = [
        (radius * math.sin(at), -radius * math.cos(at), level)
        for level in levels
        for at in (angle * (step / steps - 0.5) for step in range(steps + 1))
    ]
    faces = [(i, i + 1, steps + 2 + i, steps + 1 + i) for i in range(steps)]
    return mesh_object("shell", points, faces, made)


def lettering(words: str, size: float, level: float, radius: float, made: Any) -> Any:
    """Print words round the front of a cylinder, in Blender's own typeface."""
    text = bpy.data.curves.new("words", "FONT")
    text.body = words
    text.size = size
    text.align_x = "CENTER"
    flat = bpy.data.objects.new("words", text)
    bpy.context.scene.collection.objects.link(flat)
    seen = flat.evaluated_get(bpy.context.evaluated_depsgraph_get())
    mesh = bpy.data.meshes.new_from_object(seen)
    bpy.data.objects.remove(flat)
    for corner in mesh.vertices:
        at = corner.co.x / radius
        corner.co = (radius * math.sin(at), -radius * math.cos(at), level + corner.co.y)
    mesh.materials.clear()
    mesh.materials.append(made)
    thing = bpy.data.objects.new("lettering", mesh)
    bpy.context.scene.collection.objects.link(thing)
    return thing


def branch(foot: Point, tip: Point, twig: Any, leaf: Any, dice: random.Random) -> None:
    """Grow a bent twig with pairs of round leaves that get smaller towards the tip."""
    low, high = Vector(foot), Vector(tip)
    bend = (low + high) / 2 + Vector((-(high.x) * 0.28, 0.0, 0.25))
    pipe([tuple(low), tuple(bend), tuple(high)], 0.022, twig, 0.0)
    pairs = 11
    for pair in range(pairs + 1):
        t = 0.3 + 0.7 * pair / pairs
        place = low * (1 - t) ** 2 + bend * (2 * t * (1 - t)) + high * t**2
        place += (bend - (low + high) / 2) * (2 * t * (1 - t))
        size = 0.36 - 0.2 * t + dice.uniform(-0.03, 0.03)
        around = dice.uniform(0, math.pi)
        for side in (0.0, math.pi):
            turn = around + side + dice.uniform(-0.4, 0.4)
            out = Vector((math.cos(turn), 0.7 * math.sin(turn), dice.uniform(0.1, 0.6)))
            out.normalize()
            disc = lathe(
                [(0, 0.0), (0.5, 0.03), (0.9, 0.1), (1.0, 0.16), (0.9, 0.12), (0, 0.02)],
                leaf,
                steps=24,
                smooth=1,
            )
            disc.location = place + out * size * 0.9
            disc.scale = (size, size * 0.85, size)
            face = Vector((dice.uniform(-0.7, 0.7), dice.uniform(-1.2, -0.3), 0.7))
            disc.rotation_euler = face.to_track_quat("Z", "Y").to_euler()
