"""Surfaces for the sample scenes: plain ones, wood grain, dipped glaze, glass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy  # type: ignore[import-not-found]

Colour = tuple[float, float, float]
Point = tuple[float, float, float]


def material(name: str, colour: Colour, *, rough: float = 0.4, **inputs: float) -> Any:
    """Make a plain surface; further inputs are those of the Principled shader."""
    made = bpy.data.materials.new(name)
    shader = made.node_tree.nodes["Principled BSDF"]
    shader.inputs["Base Color"].default_value = (*colour, 1.0)
    shader.inputs["Roughness"].default_value = rough
    for key, value in inputs.items():
        shader.inputs[key.replace("_", " ").title().replace("Ior", "IOR")].default_value = value
    return made


def grain(
    made: Any,
    colours: tuple[Colour, Colour],
    scale: float,
    stretch: Point = (1.0, 1.0, 1.0),
    bump: float = 0.05,
    span: tuple[float, float] = (0.4, 0.65),
) -> Any:
    """Give a surface two colours by a noise, and a relief by the same noise."""
    noise = _noise(made, scale, stretch)
    tree = made.node_tree
    shader = tree.nodes["Principled BSDF"]
    ramp = _ramp(tree, noise.outputs["Fac"], colours, span)
    tree.links.new(ramp.outputs["Color"], shader.inputs["Base Color"])
    _relief(tree, noise.outputs["Fac"], bump)
    return made


def glaze(made: Any, clay: Colour, colours: tuple[Colour, Colour], edge: float) -> Any:
    """Dip a surface in a glaze that ends at a wavy edge above the raw clay, with iron specks."""
    tree = made.node_tree
    shader = tree.nodes["Principled BSDF"]
    noise = _noise(made, 2.2, (1.0, 1.0, 0.6))
    cover = _ramp(tree, noise.outputs["Fac"], colours, (0.35, 0.7))
    specks = tree.nodes.new("ShaderNodeTexVoronoi")
    specks.inputs["Scale"].default_value = 17.0
    place = tree.nodes["Texture Coordinate"].outputs["Object"]
    tree.links.new(place, specks.inputs["Vector"])
    iron = _ramp(tree, specks.outputs["Distance"], ((0.0,) * 3, (1.0,) * 3), (0.07, 0.16))
    speckled = _mix(tree, iron.outputs["Color"], (0.09, 0.05, 0.03), cover.outputs["Color"])
    apart = tree.nodes.new("ShaderNodeSeparateXYZ")
    tree.links.new(place, apart.inputs["Vector"])
    wave = tree.nodes.new("ShaderNodeMath")
    wave.operation = "MULTIPLY_ADD"
    wave.inputs[1].default_value = 0.12
    tree.links.new(noise.outputs["Fac"], wave.inputs[0])
    tree.links.new(apart.outputs["Z"], wave.inputs[2])
    level = edge + 0.06
    dipped = _ramp(tree, wave.outputs[0], ((0.0,) * 3, (1.0,) * 3), (level, level + 0.012))
    whole = _mix(tree, dipped.outputs["Color"], clay, speckled.outputs["Color"])
    tree.links.new(whole.outputs["Color"], shader.inputs["Base Color"])
    gloss = _ramp(tree, wave.outputs[0], ((0.85,) * 3, (0.16,) * 3), (level, level + 0.012))
    tree.links.new(gloss.outputs["Color"], shader.inputs["Roughness"])
    fine = _noise(made, 55.0, (1.0, 1.0, 1.0))
    _relief(tree, fine.outputs["Fac"], 0.035)
    return made


def clear(made: Any) -> Any:
    """Let shadow rays pass through a glass, as no caustics are computed."""
    tree = made.node_tree
    path = tree.nodes.new("ShaderNodeLightPath")
    through = tree.nodes.new("ShaderNodeBsdfTransparent")
    through.inputs["Color"].default_value = (0.9, 0.9, 0.9, 1.0)
    either = tree.nodes.new("ShaderNodeMixShader")
    tree.links.new(path.outputs["Is Shadow Ray"], either.inputs["Fac"])
    tree.links.new(tree.nodes["Principled BSDF"].outputs["BSDF"], either.inputs[1])
    tree.links.new(through.outputs["BSDF"], either.inputs[2])
    tree.links.new(either.outputs["Shader"], tree.nodes["Material Output"].inputs["Surface"])
    return made


def _noise(made: Any, scale: float, stretch: Point) -> Any:
    tree = made.node_tree
    place = tree.nodes.get("Texture Coordinate") or tree.nodes.new("ShaderNodeTexCoord")
    mapping = tree.nodes.new("ShaderNodeMapping")
    mapping.inputs["Scale"].default_value = stretch
    noise = tree.nodes.new("ShaderNodeTexNoise")
    noise.inputs["Scale"].default_value = scale
    noise.inputs["Detail"].default_value = 12.0
    tree.links.new(place.outputs["Object"], mapping.inputs["Vector"])
    tree.links.new(mapping.outputs["Vector"], noise.inputs["Vector"])
    return noise


def _ramp(tree: Any, value: Any, colours: Sequence[Colour], span: tuple[float, float]) -> Any:
    ramp = tree.nodes.new("ShaderNodeValToRGB")
    for element, colour, position in zip(ramp.color_ramp.elements, colours, span, strict=True):
        element.color = (*colour, 1.0)
        element.position = position
    tree.links.new(value, ramp.inputs["Fac"])
    return ramp


def _mix(tree: Any, factor: Any, low: Colour, high: Any) -> Any:
    mix = tree.nodes.new("ShaderNodeMixRGB")
    mix.inputs[1].default_value = (*low, 1.0)
    tree.links.new(factor, mix.inputs[0])
    tree.links.new(high, mix.inputs[2])
    return mix


def _relief(tree: Any, value: Any, strength: float) -> None:
    bump = tree.nodes.new("ShaderNodeBump")
    bump.inputs["Strength"].default_value = strength
    bump.inputs["Distance"].default_value = 0.02
    tree.links.new(value, bump.inputs["Height"])
    shader = tree.nodes["Principled BSDF"]
    tree.links.new(bump.outputs["Normal"], shader.inputs["Normal"])
