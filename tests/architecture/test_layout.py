"""The rules of docs/architecture.md that no linter knows."""

from __future__ import annotations

import re
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LINTER = PROJECT["tool"]["importlinter"]


def contract(name: str) -> dict[str, Any]:
    return next(c for c in LINTER["contracts"] if c["id"] == name)


def tracked_files() -> list[Path]:
    """What git knows; in an unpacked archive, everything that is not made by tools."""
    answer = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if answer.returncode == 0:
        return [
            ROOT / name for name in answer.stdout.decode().split("\0") if name and (ROOT / name).is_file()
        ]
    made = {".venv", "var", "node_modules", "__pycache__"}
    return [p for p in ROOT.rglob("*") if p.is_file() and not made & set(p.relative_to(ROOT).parts)]


def test_platform_is_a_source_root_and_never_a_package() -> None:
    assert (ROOT / "platform").is_dir()
    assert not (ROOT / "platform" / "__init__.py").exists()


@pytest.mark.parametrize("first_on_path", [ROOT, ROOT / "platform"])
def test_import_platform_is_the_standard_librarys(first_on_path: Path) -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(first_on_path)!r}); import platform; print(platform.__file__)"
    )
    found = subprocess.run(
        [sys.executable, "-c", code, first_on_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert Path(found.stdout.strip()).parent == Path(sysconfig.get_path("stdlib"))


def test_every_package_of_ours_is_linted_and_shipped() -> None:
    folders = [
        p for base in (ROOT, ROOT / "platform") for p in base.iterdir() if (p / "__init__.py").exists()
    ]
    names = {p.name for p in folders}
    assert names == set(LINTER["root_packages"])
    assert {str(p.relative_to(ROOT)) for p in folders} == set(
        PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    )
    assert names == set(PROJECT["tool"]["coverage"]["run"]["source_pkgs"])


def test_type_checking_imports_count() -> None:
    assert LINTER["exclude_type_checking_imports"] is False


def test_every_app_with_models_obeys_the_order_inside_an_app() -> None:
    bases = {"apps": ROOT / "platform" / "apps", "telephony": ROOT / "telephony"}
    with_models = {
        f"{name}.{models.parent.name}"
        for name, base in bases.items()
        for pattern in ("*/models.py", "*/models")
        for models in base.glob(pattern)
    }
    # Plumbing: its middleware wraps views and its models are idempotency keys.
    assert with_models - {"apps.api"} == set(contract("inside-an-app")["containers"])


def test_the_contract_is_all_that_the_control_plane_may_import() -> None:
    parts = {p.name for p in (ROOT / "media_workers").iterdir() if (p / "__init__.py").exists()}
    forbidden = {f"media_workers.{part}" for part in parts - {"contract"}}
    assert set(contract("contract-only")["forbidden_modules"]) == forbidden


def test_tests_are_no_packages() -> None:
    assert list((ROOT / "tests").rglob("__init__.py")) == []


def test_no_file_names_a_package_registry() -> None:
    # In pieces, so that this file does not name one either.
    names = [("pypi", "org"), ("files", "pythonhosted"), ("registry", "npmjs"), ("registry", "yarnpkg")]
    hosts = "|".join(re.escape(".".join(parts)) for parts in names)
    address = re.compile(rf"{hosts}|--(extra-)?index-url[= ]+\S*//|find-links[= ]+(/|\S*//)", re.IGNORECASE)
    naming = []
    for path in tracked_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        naming += [f"{path.relative_to(ROOT)}: {m[0]}" for m in address.finditer(text)]
    assert naming == []


def test_locked_requirements_pin_every_package() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and line[0].isalnum()]
        assert lines
        assert [line for line in lines if "==" not in line] == [], path.name


def test_the_example_environment_names_every_variable_that_is_read() -> None:
    readers = [
        *(ROOT / "platform" / "config").glob("*.py"),
        ROOT / "platform" / "config" / "local" / "environment.py",
        ROOT / "media_workers" / "runtime" / "config.py",
    ]
    reads = re.compile(r"""(?:env|read|self)\.\w+\(\s*"([A-Z][A-Z0-9_]+)"|_number\(env, "([A-Z0-9_]+)\"""")
    text = "\n".join(path.read_text(encoding="utf-8") for path in readers)
    names = {first or second for first, second in reads.findall(text)}
    assert {"DATABASE_URL", "WEB_PORT", "MEDIA_LINES", "NODE_TOKEN"} <= names
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert {name for name in names if not re.search(rf"^#?{name}=", example, re.MULTILINE)} == set()
