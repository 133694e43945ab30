"""A small simulated world of influencer marketing, written as the raw tables Helios reads."""

from simulate.settings import Settings
from simulate.world import World, build_world
from simulate.write import write_world

__all__ = ["Settings", "World", "build_world", "write_world"]
