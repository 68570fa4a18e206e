"""The site in headless Chromium: what only a browser can tell."""

import shutil

import pytest

pytestmark = pytest.mark.browser

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api")
    if not CHROMIUM:
        pytest.skip("Chromium is not installed (apt-get install chromium)")
    with playwright.sync_playwright() as p:
        # Chromium's own sandbox does not start for root.
        chromium = p.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser, server):
    """Open pages, and collect what they ask other hosts for and what they complain about."""
    contexts = {}

    def opened(path, scheme="light", scripts=True):
        if (scheme, scripts) not in contexts:
            contexts[scheme, scripts] = browser.new_context(
                viewport={"width": 1280, "height": 900},
                color_scheme=scheme,
                java_script_enabled=scripts,
            )
        page = contexts[scheme, scripts].new_page()
        page.outside, page.problems = [], []

        def request(r):
            if not r.url.startswith((server, "data:", "blob:")):
                page.outside.append(r.url)

        page.on("request", request)
        page.on("console", lambda m: page.problems.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.on("requestfailed", lambda r: page.problems.append(f"failed: {r.url}"))
        page.goto(f"{server}/{path}", wait_until="networkidle")
        return page

    yield opened
    for context in contexts.values():
        context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_load_alone_fit_and_set_their_mathematics(open_page, site, pages, scheme):
    formulas = 0
    for path in (page.relative_to(site).as_posix() for page in pages):
        page = open_page(path, scheme)
        assert page.locator("html").get_attribute("data-theme") == scheme, path
        wanted = page.locator(".math.notranslate").count()
        if wanted:
            page.evaluate("MathJax.startup.promise")
        assert page.locator("mjx-container").count() >= wanted, path
        assert page.locator("mjx-merror, .MathJax_Error").count() == 0, path
        formulas += wanted
        for width in (1280, 400):
            page.set_viewport_size({"width": width, "height": 900})
            too_wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert too_wide <= 0, f"{path} is {too_wide} pixels wider than {width}"
        assert page.outside == [], path
        assert page.problems == [], path
        page.close()
    assert formulas > 20


def test_the_start_page_leads_to_the_book(open_page):
    page = open_page("index.html")
    page.wait_for_url("**/book/index.html")
    assert page.locator("article h1").inner_text().startswith("Chain Rule")
    assert page.locator(".course-figure svg[role=img]").is_visible()


def test_a_search_finds_the_assignment(open_page):
    page = open_page("search.html?q=copy+operator")
    page.wait_for_selector("#search-results li")
    assert page.outside == []


def luminance(rgb):
    channel = [c / 255 for c in rgb]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channel]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "path", ["book/index.html", "book/assignments.html", "release/backprop/graphs.html"]
)
def test_text_stands_out_from_its_ground(open_page, path, scheme):
    page = open_page(path, scheme=scheme)
    pairs = page.evaluate(
        """() => {
          const rgb = s => (s.match(/[\\d.]+/g) || []).map(Number);
          const ground = e => {
            for (; e; e = e.parentElement) {
              const c = rgb(getComputedStyle(e).backgroundColor);
              if (c.length === 3 || c[3] > 0.99) return c.slice(0, 3);
            }
            return [255, 255, 255];
          };
          const found = [];
          const parts = "article p, article a, article code, article td, article th, article h2," +
            "article pre span, article figcaption span, .bd-sidebar a, .notebook-files a, summary";
          for (const e of document.querySelectorAll(parts)) {
            if (!e.textContent.trim() || e.closest("svg, mjx-container")) continue;
            if (!e.checkVisibility({visibilityProperty: true, opacityProperty: true})) continue;
            const text = e.textContent.slice(0, 30);
            found.push([text, rgb(getComputedStyle(e).color).slice(0, 3), ground(e)]);
          }
          return found;
        }"""
    )
    assert len(pairs) > 20
    for text, colour, ground in pairs:
        light, dark = sorted((luminance(colour), luminance(ground)), reverse=True)
        ratio = (light + 0.05) / (dark + 0.05)
        assert ratio >= 4.5, f"{text!r}: {colour} on {ground} has a contrast of {ratio:.1f}"


def test_the_keyboard_reaches_the_first_link_and_shows_it(open_page):
    page = open_page("release/backprop/graphs.html")
    page.locator(".notebook-files a").first.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert page.evaluate("document.activeElement.closest('.notebook-files') !== null")
    assert style == "solid"


def test_the_pages_read_without_scripts(open_page):
    page = open_page("release/backprop/graphs.html", scripts=False)
    assert page.locator("article h1").is_visible()
    assert page.locator("figure svg, .cr-live svg, .cr-still").first.is_visible()
