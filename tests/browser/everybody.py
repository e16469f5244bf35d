"""What WCAG 2.2 AA asks of a page, as far as a program can see it: axe-core, and what it does not look at."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# The rules that take most of the time, and the only ones that a colour scheme changes.
COLOURS = ["color-contrast", "link-in-text-block"]
HEADINGS = (
    "() => [...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].filter(h => h.checkVisibility()).map(h => +h.tagName[1])"
)
# What sticks out to the right of the window, innermost first, when the page can be scrolled sideways.
WIDE = """
() => document.documentElement.scrollWidth <= innerWidth ? [] :
  [...document.body.querySelectorAll("*")].filter(e => e.getBoundingClientRect().right > innerWidth + 0.5)
    .map(e => e.outerHTML.slice(0, 200)).reverse()
"""
# Texts that are too pale for what is behind them (WCAG 2.2, 1.4.3), in documents that axe-core does not know.
PALE = """
() => {
  const colour = text => text.match(/[\\d.]+/g).map(Number);
  const channel = v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = c => 0.2126 * channel(c[0]) + 0.7152 * channel(c[1]) + 0.0722 * channel(c[2]);
  const ground = e => {
    for (; e; e = e.parentElement) {
      const c = colour(getComputedStyle(e).backgroundColor);
      if (c.length < 4 || c[3] > 0) return c;
    }
    return matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18] : [255, 255, 255];
  };
  return [...document.querySelectorAll("*")].filter(e => e.checkVisibility() && !e.children.length).filter(e => {
    const [dark, bright] = [light(colour(getComputedStyle(e).color)), light(ground(e))].sort((a, b) => a - b);
    return e.textContent.trim() && (bright + 0.05) / (dark + 0.05) < 4.5;
  }).map(e => e.textContent);
}
"""
# Where the keyboard is: [what is there, whether one sees it].
FOCUS = """
() => {
  const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect();
  const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth && box.width > 0;
  return [e === document.body ? "" : e.getAttribute("aria-label") || e.labels?.[0]?.textContent || e.textContent.trim()
    || e.id, ring && inside];
}
"""


def open_details(page: Page) -> None:
    """Show what is folded away."""
    page.evaluate("() => document.querySelectorAll('details').forEach(one => one.open = true)")


def teach(page: Page) -> None:
    """Bring axe-core onto the page; once is enough for as long as it stays."""
    page.evaluate(Axe().axe_script)


def complaints(page: Page, *, colours: bool = True, others: bool = True) -> list[str]:
    """What axe-core and we find; colours: of contrast, others: of all else."""
    rules = {
        "runOnly": {"type": "tag", "values": TAGS} if others else {"type": "rule", "values": COLOURS},
        "rules": {rule: {"enabled": colours} for rule in COLOURS},
        "resultTypes": ["violations"],
    }
    found: dict[str, Any] = page.evaluate("rules => axe.run(document, rules)", rules)
    said = [
        f"{fault['id']} ({fault['impact']}): {node['html'][:200]} {node['failureSummary']}"
        for fault in found["violations"]
        for node in fault["nodes"]
    ]
    levels = page.evaluate(HEADINGS)
    if levels[:1] != [1] or levels.count(1) != 1 or any(deeper - level > 1 for level, deeper in pairwise(levels)):
        said.append(f"headings: {levels}")
    return said


def sticks_out(page: Page) -> list[str]:
    """What makes the page scroll sideways."""
    wide: list[str] = page.evaluate(WIDE)
    return wide[:3]


def walk(page: Page, most: int = 120) -> list[str]:
    """Names of what Tab reaches, in order, until it has left the page. Each must be seen to have the focus."""
    names: list[str] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        name, seen = page.evaluate(FOCUS)
        if not name:
            break
        names.append(name)
        assert seen, f"one does not see that the keyboard is at {name!r}"
    return names


def pale(page: Page) -> list[str]:
    """Texts without enough contrast, in a document that is no HTML."""
    found: list[str] = page.evaluate(PALE)
    return found
