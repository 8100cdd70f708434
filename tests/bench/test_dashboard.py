"""Which files the dashboard's figure counts."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from tests.bench.dashboard import bundle_kb, first_load


def test_what_index_html_names_and_imports_counts_and_later_pages_do_not(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / ".vite").mkdir()
    (tmp_path / "index.html").write_text(
        '<script type="module" src="/assets/index.js"></script><link rel="stylesheet" href="/assets/a.css">'
        '<link rel="icon" href="/icon.svg">'
    )
    for name in ("index.js", "vendor.js", "vendor.css", "page.js", "a.css"):
        (tmp_path / "assets" / name).write_text(name * 100)
    manifest = {
        "index.html": {"file": "assets/index.js", "imports": ["_v.js"], "dynamicImports": ["page.tsx"]},
        "_v.js": {"file": "assets/vendor.js", "css": ["assets/vendor.css"]},
        "page.tsx": {"file": "assets/page.js"},
    }
    (tmp_path / ".vite" / "manifest.json").write_text(json.dumps(manifest))

    loaded = first_load(tmp_path)

    assert loaded == {
        "index.html",
        "assets/index.js",
        "assets/vendor.js",
        "assets/vendor.css",
        "assets/a.css",
    }
    sizes = sum(len(gzip.compress((tmp_path / name).read_bytes(), 9)) for name in loaded)
    assert bundle_kb(tmp_path) == sizes / 1000
