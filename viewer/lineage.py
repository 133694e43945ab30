"""Where a model comes from: what it reads, step by step, and a diagram of it."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from viewer.data import LAYERS, Model

MOST_STEPS = 2
# More than these in a diagram, and their names become too small to read.
MOST_DRAWN = 24
# Colours of the diagram that stand out on light and dark: those of the theme.
CHOSEN_STYLE = "fill:#0072B2,stroke:#0072B2,color:#FFFFFF"
# Longer names are broken at an underscore; boxes are not wide enough for them.
LONGEST_LINE = 18


class Diagram(NamedTuple):
    """A diagram of a model and what it reads.

    Attributes:
        mermaid: Its definition; empty if the model reads nothing.
        steps: How many steps back it reaches.
        is_whole: Whether that is all of them.
        alt: What it shows, in words.
    """

    mermaid: str
    steps: int
    is_whole: bool
    alt: str


def upstream(models: Mapping[str, Model], name: str) -> dict[str, int]:
    """Everything that a model is made of, and how many steps back it is at the nearest.

    Args:
        models: All models by name.
        name: The model.

    Returns:
        Steps, from 1, by model; nearest first, then by name. Parents that are not among the
        models are kept, as the end of their line.
    """
    steps: dict[str, int] = {}
    edge, step = [name], 0
    while edge:
        step += 1
        parents = {parent for child in edge for parent in parents_of(models, child)}
        edge = sorted(parents - set(steps) - {name})
        steps |= dict.fromkeys(edge, step)
    return steps


def downstream(models: Mapping[str, Model], name: str) -> list[str]:
    """The models that read a model, in the order of `models`."""
    return [child for child, model in models.items() if name in model.parents]


def raw_tables(models: Mapping[str, Model], name: str) -> list[str]:
    """The raw tables that a model comes from in the end, by name."""
    names = upstream(models, name)
    return sorted(each for each in names if each in models and models[each].layer == "raw")


def parents_of(models: Mapping[str, Model], name: str) -> tuple[str, ...]:
    """What a model reads; nothing if it is unknown."""
    return models[name].parents if name in models else ()


def by_layer(models: Mapping[str, Model], names: Mapping[str, int]) -> dict[str, list[str]]:
    """Models by their layer, the layers from the published marts back to the raw tables."""
    layers: dict[str, list[str]] = {layer: [] for layer in LAYERS}
    for name in sorted(names):
        layer = models[name].layer if name in models else "not published"
        layers.setdefault(layer, []).append(name)
    return {layer: members for layer, members in layers.items() if members}


def diagram(
    models: Mapping[str, Model],
    name: str,
    most_steps: int = MOST_STEPS,
    most_drawn: int = MOST_DRAWN,
) -> Diagram:
    """A diagram of a model and what it reads, as far back as stays readable.

    Args:
        models: All models by name.
        name: The model.
        most_steps: How many steps back at most.
        most_drawn: How many models at most; what it reads directly is drawn in any case.
    """
    steps = upstream(models, name)
    reach = 1
    while reach < most_steps and sum(step <= reach + 1 for step in steps.values()) < most_drawn:
        reach += 1
    drawn = [name, *(parent for parent, step in steps.items() if step <= reach)]
    # Of the farthest it is not shown what they read, not even where that happens to be drawn.
    edges = [
        (parent, child)
        for child in drawn
        if child == name or steps[child] < reach
        for parent in parents_of(models, child)
    ]
    numbers = {model: f"m{number}" for number, model in enumerate(drawn)}
    lines = [
        "flowchart LR",
        *(f'  {number}["{_label(model)}"]' for model, number in numbers.items()),
        *(f"  {numbers[parent]} --> {numbers[child]}" for parent, child in edges),
        f"  style {numbers[name]} {CHOSEN_STYLE}",
    ]
    direct = parents_of(models, name)
    return Diagram(
        mermaid="\n".join(lines) if steps else "",
        steps=reach,
        is_whole=len(drawn) > len(steps),
        alt=f"{name} reads {', '.join(direct)}." if direct else f"{name} reads no other model.",
    )


def _label(name: str) -> str:
    """A name as a label of Mermaid, which takes quotes for its end and # for an entity."""
    lines = [""]
    for part in re.findall(r"[^_]+_*|_+", name):
        if lines[-1] and len(lines[-1] + part) > LONGEST_LINE:
            lines.append("")
        lines[-1] += part
    return "<br/>".join(line.replace("#", "#35;").replace('"', "#quot;") for line in lines)
