"""The colours: dark, light, and one that uses nothing but the sixteen colours of a console."""

import os
from collections.abc import Mapping
from dataclasses import replace

from textual.theme import BUILTIN_THEMES, Theme

DARK = Theme(
    name="postwizard-dark",
    dark=True,
    primary="#7fa8d1",
    secondary="#5f7f9f",
    accent="#dcae69",
    foreground="#d8dee6",
    background="#12161b",
    surface="#1a2027",
    panel="#232b34",
    success="#93c58a",
    warning="#e2b866",
    error="#ea8a84",
    variables={
        "quiet": "#8d99a6",
        "block-cursor-background": "#30455c",
        "block-cursor-foreground": "#f2f5f8",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#262f39",
        "block-cursor-blurred-foreground": "#d8dee6",
        "block-cursor-blurred-text-style": "none",
        "footer-key-foreground": "#dcae69",
        "border": "#3a4653",
        "border-blurred": "#2c353f",
        "scrollbar": "#3a4653",
        "scrollbar-background": "#1a2027",
    },
)

LIGHT = Theme(
    name="postwizard-light",
    dark=False,
    primary="#245a8d",
    secondary="#5b7c9c",
    accent="#8a5200",
    foreground="#20262c",
    background="#f4f2ec",
    surface="#fbfaf6",
    panel="#e6e2d8",
    success="#23682f",
    warning="#805500",
    error="#a3261f",
    variables={
        "quiet": "#5f676e",
        "block-cursor-background": "#cfdff0",
        "block-cursor-foreground": "#10161c",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#e3e8ec",
        "block-cursor-blurred-foreground": "#20262c",
        "block-cursor-blurred-text-style": "none",
        "footer-key-foreground": "#8a5200",
        "border": "#b9b3a4",
        "border-blurred": "#d3cdbf",
        "scrollbar": "#b9b3a4",
        "scrollbar-background": "#ece8de",
    },
)

_ANSI = BUILTIN_THEMES["ansi-dark"]
CONSOLE = replace(
    _ANSI,
    name="postwizard-console",
    primary="ansi_cyan",
    accent="ansi_yellow",
    variables={
        **_ANSI.variables,
        "quiet": "ansi_default",
        "border": "ansi_white",
        "border-blurred": "ansi_white",
        "block-cursor-blurred-background": "ansi_default",
        "block-cursor-blurred-foreground": "ansi_default",
        "footer-key-foreground": "ansi_yellow",
        "scrollbar": "ansi_white",
        "scrollbar-background": "ansi_black",
    },
)

THEMES = (DARK, LIGHT, CONSOLE)


def theme_to_begin_with(few_colours: bool, environment: Mapping[str, str] | None = None) -> Theme:
    """What POSTWIZARD_THEME asks for (dark, light or console), else dark, or console where colours are few."""
    environment = os.environ if environment is None else environment
    wanted = environment.get("POSTWIZARD_THEME", "").strip().lower()
    named = {"dark": DARK, "light": LIGHT, "console": CONSOLE}
    return named.get(wanted, CONSOLE if few_colours else DARK)


def theme_after(name: str, few_colours: bool) -> Theme:
    """The theme that the theme key leads to."""
    order = (DARK, LIGHT, CONSOLE) if few_colours else (DARK, LIGHT)
    names = [theme.name for theme in order]
    return order[(names.index(name) + 1) % len(order)] if name in names else order[0]
