"""Django's `migrate`, which migrates an empty database in a seventh of its time.

After each operation Django builds anew every model that has any way to the changed one. Here nearly
all have one, by way of the tenant, so that a thousand operations took more than a minute of building
models. Only the changed model and those that hold its class need it.
"""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState

Key = tuple[str, str]


def _key(model: Any) -> Key:
    return model._meta.app_label, model._meta.model_name


class State(ProjectState):
    """Forgets few models at a change. A copy of it is Django's own: its models have another registry."""

    def _find_reload_model(self, app_label: str, model_name: str, delay: bool = False) -> set[Key]:
        """(app, model) of the model and of all that hold its class, by a reference or as a base, and so on.

        What the others know of it is renewed without building them: the way back along a reference when
        the model that refers is built, the list of who refers to them when they are next asked.
        """
        # Data migrations read by these models: before one, Django builds all of them anew.
        self.is_delayed = True
        self._remember_who_refers(app_label, model_name)
        found: set[Key] = set()
        queue = [(app_label, model_name)]
        while queue:
            key = queue.pop()
            if key not in found:
                found.add(key)
                queue += [by for by, fields in self.relations.get(key, {}).items() if fields]
                queue += [by for by, model in self.models.items() if ".".join(key) in model.bases]
        # The tables between models: those whose many-to-many field is still there come back with its model.
        built = self.apps.get_models(include_auto_created=True)
        made = [(_key(model), model._meta.auto_created) for model in built if model._meta.auto_created]
        return found | {key for key, by in made if _key(by) in found}

    def _remember_who_refers(self, app_label: str, model_name: str) -> None:
        """Django compares the old class with the new; out of the registry the old one cannot look it up."""
        if old := self.apps.all_models[app_label].get(model_name):
            old._meta.get_fields(include_hidden=True)

    def rename_model(self, app_label: str, old_name: str, new_name: str) -> None:
        """All are built anew, in another registry: Django asks the old class for those that refer to it."""
        self.__dict__.pop("apps", None)
        super().rename_model(app_label, old_name, new_name)

    def remove_model(self, app_label: str, model_name: str) -> None:
        """All are built anew: nothing is left of the tables between the model and others."""
        self.__dict__.pop("apps", None)
        super().remove_model(app_label, model_name)


class Executor(MigrationExecutor):
    def migrate(
        self,
        targets: Any,
        plan: Any = None,
        state: ProjectState | None = None,
        fake: bool = False,
        fake_initial: bool = False,
    ) -> ProjectState:
        """The state is for the way forwards; backwards Django makes its own."""
        if state is not None:
            state = State(state.models, state.real_apps)
        return super().migrate(targets, plan, state, fake, fake_initial)


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        # Django's command has no other way to be given one.
        migrate.MigrationExecutor = Executor  # type: ignore[attr-defined]
        super().handle(*args, **options)
