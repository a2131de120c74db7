"""The house keeps its form: relations point downwards, one door for states, no signals, no catch-alls."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
PACKAGES = PYPROJECT["root_packages"]


def modules(*packages: str) -> Iterator[tuple[str, ast.Module]]:
    for package in packages:
        for file in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in file.parts:
                yield str(file.relative_to(ROOT)), ast.parse(file.read_text(encoding="utf-8"))


# --- layers ----------------------------------------------------------------------------------


def floors() -> dict[str, int]:
    """Package → floor, 0 at the top, from the import contract."""
    contract = next(c for c in PYPROJECT["contracts"] if c["type"] == "layers")
    return {
        name.strip("() "): floor
        for floor, layer in enumerate(contract["layers"])
        for name in layer.replace(":", "|").split("|")
    }


def test_relations_between_models_point_downwards():
    floor = floors()
    upwards = []
    for model in apps.get_models(include_auto_created=True):
        home = model._meta.app_config.name
        for field in model._meta.get_fields():
            if field.auto_created or not field.is_relation or field.related_model is None:
                continue
            there = field.related_model._meta.app_config.name
            if home in floor and there in floor and there != home and floor[there] <= floor[home]:
                upwards.append(f"{model._meta.label}.{field.name} → {there}")
    assert not upwards


def test_every_app_of_ours_has_a_floor():
    ours = {config.name for config in apps.get_app_configs() if Path(config.path).is_relative_to(ROOT)}
    ours = {name for name in ours if name.split(".")[0] in PACKAGES}
    assert ours <= set(floors())


# --- one door --------------------------------------------------------------------------------

DOORS = {"applications/actions.py", "applications/filing.py"}
WRITERS = {"update", "create", "get_or_create", "update_or_create", "bulk_update", "acreate", "aupdate"}


def writes_state(node: ast.AST) -> bool:
    """`x.state = …`, setattr(x, "state", …), update(state=…), bulk_update(rows, ["state"])."""
    if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        inside = [part for target in targets for part in ast.walk(target)]
        return any(isinstance(part, ast.Attribute) and part.attr == "state" for part in inside)
    if not isinstance(node, ast.Call):
        return False
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    if name == "setattr":
        return _mentions_state(node.args[1:2])
    if name == "bulk_update":
        return _mentions_state([*node.args[1:], *(k.value for k in node.keywords)])
    named = any(keyword.arg == "state" for keyword in node.keywords)
    packed = _mentions_state([k.value for k in node.keywords if k.arg in (None, "defaults")])
    return (name in WRITERS or name == "Application") and (named or packed)


def _mentions_state(values: list[ast.expr]) -> bool:
    return any(
        isinstance(part, ast.Constant) and part.value == "state" for v in values for part in ast.walk(v)
    )


@pytest.mark.parametrize(
    ("code", "writes"),
    [
        ("case.state = 1", True),
        ("a, case.state = 1, 2", True),
        ("case.state: int = 1", True),
        ("setattr(case, 'state', 1)", True),
        ("rows.update(state=1)", True),
        ("rows.update(**{'state': 1})", True),
        ("rows.update_or_create(pk=1, defaults={'state': 1})", True),
        ("rows.bulk_update(cases, ['state'])", True),
        ("rows.bulk_update(cases, fields=['state'])", True),
        ("Application(state=1)", True),
        ("Application.objects.create(state=1)", True),
        ("rows.filter(state=1)", False),
        ("state = case.state", False),
        ("rows.update(due_on=1)", False),
    ],
)
def test_the_search_for_writers_of_states_finds_them(code, writes):
    assert any(writes_state(node) for node in ast.walk(ast.parse(code))) is writes


def test_a_case_changes_state_through_its_door_only():
    found = [
        f"{path}:{node.lineno}"
        for path, tree in modules("applications", "portal", "evaluations")
        for node in ast.walk(tree)
        if path not in DOORS and writes_state(node)
    ]
    assert not found


# --- no signals, no catch-alls -----------------------------------------------------------------


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_no_signals():
    signals = (
        "django.dispatch",
        "django.db.models.signals",
        "django.core.signals",
        "django.contrib.auth.signals",
    )
    found = [
        f"{path}: {name}"
        for path, tree in modules(*PACKAGES)
        for name in imported(tree)
        if name.startswith(signals)
    ]
    assert not found


CATCH_ALLS = {"common", "utils", "util", "helpers", "misc", "services", "selectors", "repositories"}


def test_no_catch_all_modules():
    found = [path for path, _tree in modules(*PACKAGES) if CATCH_ALLS & {Path(path).stem, *Path(path).parts}]
    assert not found
