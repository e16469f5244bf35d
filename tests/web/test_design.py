"""The style sheets: small, readable in light and dark, nothing from elsewhere, no class without a rule."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import feedsvc.web

WEB = Path(feedsvc.web.__file__).parent
SHEET = (WEB / "static/site.css").read_text("utf-8")
FEED_SHEET = (WEB / "static/feed.css").read_text("utf-8")
TEMPLATES = {path.name: path.read_text("utf-8") for path in sorted((WEB / "templates").glob("*.html"))}

# What a class is there for when no rule names it.
WITHOUT_RULE = {"copy": "site.js shows it"}


def without_comments(sheet: str) -> str:
    return re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)


def schemes(sheet: str, root: str) -> dict[str, dict[str, str]]:
    """light and dark: custom property -> its colour."""
    text = without_comments(sheet)
    dark = re.search(r"@media \(prefers-color-scheme: dark\) \{\s*" + root + r" \{(.*?)\}", text, re.DOTALL)
    light = re.search(r"^" + root + r" \{(.*?)\}", text, re.DOTALL | re.MULTILINE)
    assert light and dark
    return {
        name: dict(re.findall(r"--([a-z]+): (#[0-9a-f]+);", part[1]))
        for name, part in (("light", light), ("dark", dark))
    }


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    digits = colour.removeprefix("#")
    assert len(digits) == 6
    parts = [int(digits[start : start + 2], 16) / 255 for start in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_counted_as_wcag_does() -> None:
    assert contrast("#000000", "#ffffff") == 21
    assert round(contrast("#767676", "#ffffff"), 2) == 4.54


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_can_be_read(scheme: str) -> None:
    """WCAG 2.2 AA, criteria 1.4.3 (text, 4.5) and 1.4.11 (borders of fields, the focus ring, 3); text itself AAA, 7."""
    colours = schemes(SHEET, ":root")[scheme]
    assert set(colours) == {"paper", "soft", "line", "quiet", "ink", "accent"}
    for ground in ("paper", "soft"):
        assert contrast(colours["ink"], colours[ground]) >= 7, ground
        assert contrast(colours["accent"], colours[ground]) >= 4.5, ground
        assert contrast(colours["quiet"], colours[ground]) >= 4.5, ground  # borders of fields, too
    feed = schemes(FEED_SHEET, "rss, feed")[scheme]
    assert feed.items() <= colours.items(), "one palette"


def test_colours_are_named_once() -> None:
    """In the palette, nowhere else; but for paper and what is printed."""
    outside = re.sub(r":root \{.*?\}", "", without_comments(SHEET), flags=re.DOTALL)
    assert set(re.findall(r"#[0-9a-f]{3,8}\b", outside)) <= {"#fff"}  # the ground of a QR code
    base = TEMPLATES["base.html"]
    for scheme, colours in schemes(SHEET, ":root").items():
        assert f'content="{colours["paper"]}" media="(prefers-color-scheme: {scheme})"' in base


def test_the_sheet_is_small() -> None:
    assert len(SHEET.encode()) < 20_000
    assert len(FEED_SHEET.encode()) < 5_000
    assert len((WEB / "static/site.js").read_bytes()) < 6_000


@pytest.mark.parametrize("sheet", [SHEET, FEED_SHEET], ids=["site", "feed"])
def test_nothing_comes_from_elsewhere(sheet: str) -> None:
    assert not re.search(r"url\(|@import|https?:", without_comments(sheet))
    assert sheet.count("{") == sheet.count("}")


def used_classes() -> set[str]:
    """In the templates, without what is put together there."""
    found: set[str] = set()
    for text in TEMPLATES.values():
        for value in re.findall(r'\bclass="([^"]*)"', text):
            found.update(re.sub(r"\{[{%].*?[}%]\}", " ", value).split())
    return found


def test_every_class_in_a_page_has_a_rule() -> None:
    defined = set(re.findall(r"\.([a-z][a-z-]*)", without_comments(SHEET)))
    unknown = used_classes() - defined - set(WITHOUT_RULE)
    assert not unknown, unknown


def test_every_rule_is_of_use() -> None:
    """A class that no template has any more takes room. Classes of Markdown's output are in `.text`."""
    script = (WEB / "static/site.js").read_text("utf-8")
    defined = set(re.findall(r"\.([a-z][a-z-]*)", without_comments(SHEET)))
    unused = {name for name in defined - used_classes() if name not in script}
    assert not unused, unused


def test_no_style_and_no_script_in_the_pages() -> None:
    for name, text in TEMPLATES.items():
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=", text), name
        for attributes in re.findall(r"<script([^>]*)>", text):
            assert "src=" in attributes or "application/ld+json" in attributes, name


def test_the_design_system_is_written_down() -> None:
    page = (Path(__file__).parents[2] / "docs/design-system.md").read_text("utf-8")
    for name in schemes(SHEET, ":root")["light"]:
        assert f"`--{name}`" in page
    for name in re.findall(r"`\.([a-z][a-z-]*)", page):
        assert f".{name}" in SHEET, name


def test_icons_are_drawings_of_our_own() -> None:
    icon = (WEB / "static/favicon.ico").read_bytes()
    assert icon.startswith(b"\x00\x00\x01\x00") and len(icon) < 5_000
    drawing = (WEB / "static/icon.svg").read_text("utf-8")
    assert schemes(SHEET, ":root")["light"]["accent"] in drawing
