"""The best counts known for lots whose best is not known by formula."""

KNOWN: dict[str, tuple[int, str]] = {
    "L of 16.1 m legs": (63, "hand: 18 + 17 outside, 14 + 14 inside"),
    "16.1 m wide, gate of 5.5 m": (40, "hand: 2 * floor(48 / 2.4)"),
}

BY_MODEL: dict[str, tuple[int, str]] = {}
