"""What is looked at in every drawing: texts, shapes, and that nothing overlaps."""

import re
import xml.etree.ElementTree as ET

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg):
    return ["".join(t.itertext()) for t in ET.fromstring(svg).iter(f"{SVG}text")]


def boxes(svg):
    """Estimate (left, top, right, bottom, text) of each text in a drawing."""
    found = []
    for text in ET.fromstring(svg).iter(f"{SVG}text"):
        content = "".join(text.itertext())
        size = 13 if text.get("class") == "legend" else 15
        width = 0.6 * size * len(content)
        x, y = float(text.get("x")), float(text.get("y"))
        left = x if text.get("class") in ("title", "legend") else x - width / 2
        found.append((left, y - 0.75 * size, left + width, y + 0.2 * size, content))
    return found


def shapes(svg):
    for rect in ET.fromstring(svg).iter(f"{SVG}rect"):
        if rect.get("class") != "bg":
            x, y, w, h = (float(rect.get(key)) for key in ("x", "y", "width", "height"))
            yield x, y, x + w, y + h, rect.get("class")


def overlap(a, b):
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def assert_nothing_overlaps(svg):
    labels, outlines = boxes(svg), list(shapes(svg))
    for i, a in enumerate(labels):
        for b in labels[i + 1 :]:
            assert not overlap(a, b), (a, b)
    for i, a in enumerate(outlines):
        assert not [b for b in outlines[i + 1 :] if overlap(a, b)], a
        # A label lies inside its own shape or outside of it, never across the edge.
        for b in labels:
            inside = a[0] <= b[0] and a[1] <= b[1] and b[2] <= a[2] and b[3] <= a[3]
            assert inside or not overlap(a, b), (a, b)
    root = ET.fromstring(svg)
    _, _, width, height = map(float, root.get("viewBox").split())
    for box in labels + outlines:
        assert 0 <= box[0] and 0 <= box[1] and box[2] <= width and box[3] <= height, box


def assert_self_contained(markup):
    assert "<script" not in markup and "javascript:" not in markup and "@import" not in markup
    assert "@font-face" not in markup and "url(" not in markup
    urls = set(re.findall(r"\w+://[^\"'\s<)]*", markup))
    assert urls <= {"http://www.w3.org/2000/svg"}
    assert not re.search(r"\son\w+\s*=", markup)
