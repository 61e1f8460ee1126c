"""Replacements for parts of moto's classes. ``moto_state`` applies them when it first loads a service."""
