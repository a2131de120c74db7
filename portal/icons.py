"""Which drawing of `components/icon.html` stands beside the name of a theme."""

NATURAL = {
    "005": "family", "010": "card", "020": "book", "030": "work", "035": "work", "040": "shop", "050": "book",
    "055": "coin", "060": "family", "065": "family", "070": "house", "075": "house", "085": "umbrella", "090": "card",
    "095": "car", "105": "card", "110": "shield", "115": "shield", "130": "leaf", "135": "book", "145": "heart",
    "150": "person",
}  # fmt: skip
LEGAL = {
    "005": "work", "010": "shop", "015": "card", "025": "coin", "030": "person", "035": "umbrella", "040": "house",
    "045": "coin", "055": "shop", "075": "leaf", "085": "house", "090": "car", "095": "leaf", "105": "leaf",
    "110": "heart", "120": "book", "145": "shield", "150": "shield",
}  # fmt: skip
THEMES = {"natural": NATURAL, "legal": LEGAL}


def icon_of(audience: str, theme: str) -> str:
    """The name of a drawing; a plain list for themes without one."""
    return THEMES.get(audience, {}).get(theme, "list")
