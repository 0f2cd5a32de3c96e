"""The report as a browser shows it: light and dark, on a phone and on a wall, with hostile words in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from browser import Browser
from failed_release import failed_release, html
from small_png import small

pytestmark = pytest.mark.process

SCREENSHOT = Path(__file__).resolve().parents[2] / "docs" / "report.png"
WIDTHS, SCHEMES = (400, 1400), ("light", "dark")
TOO_WIDE = """[...document.querySelectorAll("body *")].filter(e => !e.closest("svg, .scroll") &&
  e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 80)).join()"""
DRAWN = """[...document.querySelectorAll("svg .line, svg .area")].filter(
  p => p.getBoundingClientRect().width > 0 && getComputedStyle(p).visibility == "visible").length"""
CUT_OFF = """[...document.querySelectorAll("figcaption, .keys, .phases li, .fact")].filter(
  e => e.scrollWidth > e.clientWidth + 1).length"""
COLORS = (
    'getComputedStyle(document.body).backgroundColor + getComputedStyle(document.querySelector(".blue.line")).stroke'
)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_it_is_whole_and_fits(browser: Browser, page_file: Path, width: int, scheme: str) -> None:
    browser.complaints.clear()
    browser.requests.clear()
    browser.show(page_file, width, scheme)
    assert browser.value("document.documentElement.scrollWidth") <= width
    assert browser.value(TOO_WIDE) == ""
    assert browser.value(CUT_OFF) == 0
    assert browser.value(DRAWN) >= 14
    assert browser.value("document.scripts.length") == 0
    assert browser.complaints == []
    assert browser.requests == [page_file.as_uri()], "it must need nothing but itself"


def test_dark_is_another_picture_than_light(browser: Browser, page_file: Path) -> None:
    seen = set()
    for scheme in SCHEMES:
        browser.show(page_file, 1400, scheme)
        seen.add(browser.value(COLORS))
    assert len(seen) == 2


def test_hostile_words_are_words(browser: Browser, page_file: Path) -> None:
    browser.show(page_file, 1400, "light")
    text = browser.value("document.body.innerText")
    assert text.count('</title><script>alert("x")</script>') >= 3
    assert "hunter2" not in browser.value("document.documentElement.outerHTML")


def test_every_plot_is_told_in_words_too(browser: Browser, page_file: Path) -> None:
    browser.show(page_file, 1400, "light")
    told = browser.value("""[...document.querySelectorAll("svg")].every(s =>
      s.getAttribute("aria-labelledby").split(" ").every(id => document.getElementById(id).textContent.length > 5))""")
    assert told is True
    assert browser.value('document.querySelectorAll("figure").length') == browser.value(
        'document.querySelectorAll("figure table").length'
    )


def test_the_picture_in_the_documentation_can_be_taken(browser: Browser, tmp_path: Path) -> None:
    """`make screenshots` puts it there, made small, which takes some seconds."""
    page = tmp_path / "report.html"
    page.write_text(html(failed_release(words="")), encoding="utf-8")
    browser.show(page, 1060, "light")
    picture = browser.picture(1950)
    assert len(picture) > 50_000
    if "OPSCTL_SCREENSHOTS" in os.environ:
        SCREENSHOT.write_bytes(small(picture))
        assert SCREENSHOT.stat().st_size < 150_000
