"""A picture as pixels (PNG), where the package resvg-py is installed.

Of what draws SVG it is the lightest that finds Japanese fonts by itself (November 2026; 5 MB with nothing
else). CairoSVG (28 MB, and the system's cairo) takes only the first font of a list, and draws boxes where
that is missing; vl-convert (87 MB) draws the same as this.
"""

from __future__ import annotations

SCALE = 2.0
"""Pixels for each point: sharp on today's screens and on paper."""


class NoPainterError(Exception):
    """The package that draws pictures is not installed: the extra `pictures` brings it."""


def png_of(svg: str) -> bytes:
    """Returns an SVG picture as PNG, with the fonts of this machine. Raises NoPainterError."""
    try:
        from resvg_py import svg_to_bytes
    except ImportError:
        raise NoPainterError from None
    return bytes(svg_to_bytes(svg_string=svg, zoom=SCALE))
