"""`migrate` builds few models and yet says to PostgreSQL what Django's own says, statement by statement."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.commands import migrate
from django.db import connection, migrations, models, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.test.utils import CaptureQueriesContext

from config.management.commands.migrate import Executor, State

APP = "workshop"


def created(model: str, /, **fields: models.Field[Any, Any]) -> migrations.CreateModel:
    return migrations.CreateModel(model, [("id", models.IntegerField(primary_key=True)), *fields.items()])


def to(model: str, **options: Any) -> models.ForeignKey[Any, Any]:
    return models.ForeignKey(f"{APP}.{model}", models.CASCADE, **options)


def begun() -> list[Operation]:
    above = models.OneToOneField(f"{APP}.tool", models.CASCADE, parent_link=True, primary_key=True)
    return [
        created("Owner", name=models.TextField()),
        created("Tool", owner=to("owner", related_name="tools"), spare=to("tool", null=True)),
        created("Part", tool=to("tool"), owner=to("owner", related_name="+")),
        migrations.CreateModel("Hammer", [("tool_ptr", above)], bases=(f"{APP}.tool",)),
        migrations.CreateModel("Loan", [], {"proxy": True}, bases=(f"{APP}.hammer",)),
        created("Shelf", label=models.TextField()),
    ]


def read(apps: Any, _: Any) -> None:
    person, tool = (apps.get_model(APP, name) for name in ("person", "tool"))
    assert tool.objects.filter(holder__tools__piece__isnull=False).count() == 0
    assert person._meta.get_field("tools").related_model is tool
    # The way back to a deleted model is gone: these models were all built for this data migration.
    assert not hasattr(person, "shelf_set")


def changes() -> list[Operation]:
    """Each kind of change, among them those that must find who refers to the changed table."""
    key = models.BigIntegerField(primary_key=True)
    in_order = models.UniqueConstraint(fields=["tool", "owner"], name="workshop_part_once")
    named = migrations.SeparateDatabaseAndState(
        database_operations=[migrations.AddField("shelf", "at", to("owner", null=True))],
        state_operations=[migrations.AddField("shelf", "at", to("owner", null=True))],
    )
    return [
        migrations.AddField("owner", "best", to("tool", null=True, related_name="best_of")),
        migrations.AddField("tool", "users", models.ManyToManyField(f"{APP}.owner", related_name="uses")),
        migrations.AddField("shelf", "tools", models.ManyToManyField(f"{APP}.tool")),
        migrations.AddField("part", "lent", models.ManyToManyField(f"{APP}.tool", related_name="+")),
        migrations.AddConstraint("part", in_order),
        migrations.AlterField("owner", "id", key),
        migrations.AlterField("owner", "name", models.CharField(max_length=20, unique=True)),
        migrations.AddField("part", "named", to("owner", to_field="name", null=True, related_name="+")),
        migrations.AlterField("owner", "name", models.CharField(max_length=40, unique=True)),
        named,
        migrations.AlterField("tool", "id", key),
        migrations.RenameField("part", "lent", "taken"),
        migrations.AlterField("tool", "id", models.IntegerField(primary_key=True)),
        migrations.RemoveField("part", "taken"),
        migrations.AlterField("tool", "id", key),
        migrations.RenameField("tool", "owner", "holder"),
        migrations.RenameModel("Owner", "Person"),
        migrations.RenameModel("Part", "Piece"),
        migrations.AddIndex("piece", models.Index(fields=["owner"], name="workshop_piece_owner")),
        migrations.RemoveConstraint("piece", "workshop_part_once"),
        migrations.RemoveField("person", "best"),
        migrations.AlterField("person", "id", models.IntegerField(primary_key=True)),
        migrations.DeleteModel("Loan"),
        migrations.DeleteModel("Hammer"),
        migrations.DeleteModel("Shelf"),
        migrations.AlterField("tool", "id", models.IntegerField(primary_key=True)),
        migrations.RunPython(read),
    ]


def statements(state: ProjectState) -> list[str]:
    """Of both migrations, which change `state`; the tables are undone.

    Sorted: where several tables refer to a renamed one, Django's order is another in each process.
    """
    steps = [migrations.Migration(f"000{n}", APP) for n in (1, 2)]
    steps[0].operations, steps[1].operations = begun(), changes()
    plan = [(step, False) for step in steps]
    with transaction.atomic(), CaptureQueriesContext(connection) as said:
        MigrationExecutor(connection)._migrate_all_forwards(state, plan, plan, False, False)
        transaction.set_rollback(True)
    records = ("django_migrations", "SAVEPOINT")
    return sorted(query["sql"] for query in said if not any(word in query["sql"] for word in records))


@pytest.mark.django_db
def test_the_statements_are_djangos_own() -> None:
    ours, theirs = statements(State()), statements(ProjectState())
    assert ours == theirs
    assert len(ours) > 60
    assert sum("DROP CONSTRAINT" in statement for statement in ours) > 5


@pytest.mark.django_db
def test_no_model_holds_a_class_that_has_been_replaced() -> None:
    statements(state := State())
    built = state.apps.get_models(include_auto_created=True)
    assert {model._meta.model_name for model in built} == {"person", "tool", "piece", "tool_users"}
    references = [field for model in built for field in model._meta.get_fields() if field.is_relation]
    assert len(references) > 10
    assert all(field.related_model in built for field in references)


@pytest.mark.parametrize(
    ("changed", "built"),
    [
        ("shelf", {"shelf"}),
        ("part", {"part"}),
        ("hammer", {"hammer", "loan"}),
        ("tool", {"tool", "part", "hammer", "loan"}),
        ("owner", {"owner", "tool", "part", "hammer", "loan"}),
    ],
)
def test_a_change_builds_the_model_and_those_that_hold_it(changed: str, built: set[str]) -> None:
    state = State()
    for operation in begun():
        operation.state_forwards(APP, state)
    assert {name for _, name in state._find_reload_model(APP, changed)} == built


@pytest.mark.django_db
def test_the_command_migrates_by_it() -> None:
    call_command("migrate", verbosity=0, check_unapplied=True)
    assert migrate.MigrationExecutor is Executor
    assert isinstance(Executor(connection).migrate([], [], ProjectState()), State)
