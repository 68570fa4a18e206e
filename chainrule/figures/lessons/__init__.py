"""Figures of lessons that belong to no assignment."""
