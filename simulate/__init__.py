"""Simulated worlds of influencer marketing, whose true effect is known."""

from simulate.settings import Settings, SettingsError, load_settings
from simulate.world import World, simulate_world, write_world

__all__ = ["Settings", "SettingsError", "World", "load_settings", "simulate_world", "write_world"]
