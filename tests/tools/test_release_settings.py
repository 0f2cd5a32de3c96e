"""The ConfigMaps that hold settings, and what is asked of Secrets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from kube_store import KubeStore

from opsctl.core.color import Color
from opsctl.core.release import Kind, Phase, Rollout
from opsctl.core.settings import settings_digest, settings_name
from opsctl.errors import LockHeld, ToolFailed
from opsctl.tools.cluster.api import Conflict, Forbidden
from opsctl.tools.cluster.names import Names
from opsctl.tools.cluster.secrets import secret_keys
from opsctl.tools.cluster.settings import ConfigMapSettings

NAMES = Names("apps", "agent")
SETTINGS = {"LOG_LEVEL": "info"}
ROLLOUT = Rollout(
    id=7, kind=Kind.DEPLOY, release=7, color=Color.GREEN, origin=Color.BLUE, image="a:2", settings=SETTINGS,
    sizes={"agent": 2}, started_at=0.0, started_by="ana", phase=Phase.WARMING, phase_since=0.0,
)  # fmt: skip
NAME = settings_name("agent", SETTINGS)
PATH = NAMES.core("configmaps", NAME)
SECRET = NAMES.core("secrets", "db-v7")
KEYS = frozenset({"url"})


@pytest.fixture
def store() -> KubeStore:
    return KubeStore("apps")


@pytest.fixture
def settings(store: KubeStore) -> ConfigMapSettings:
    return ConfigMapSettings(store, NAMES, lambda: None)  # type: ignore[arg-type]


def a_secret(**metadata: Any) -> dict[str, Any]:
    return {"metadata": metadata, "data": {"url": "c2VjcmV0"}}


def written(*keys: str) -> list[dict[str, Any]]:
    return [{"fieldsV1": {"f:data": {".": {}, **{f"f:{key}": {} for key in keys}}, "f:type": {}}}]


def keys_of(store: KubeStore) -> dict[str, frozenset[str] | None]:
    return secret_keys(store, NAMES, {"db-v7": KEYS})  # type: ignore[arg-type]


def test_they_are_made_once_and_never_change(store: KubeStore, settings: ConfigMapSettings) -> None:
    settings.ensure(ROLLOUT)
    settings.ensure(ROLLOUT)
    assert (store.objects[PATH]["data"], store.objects[PATH]["immutable"]) == (SETTINGS, True)
    assert len([path for path in store.objects if "/configmaps/" in path]) == 1


def test_without_any_none_are_made(store: KubeStore, settings: ConfigMapSettings) -> None:
    settings.ensure(replace(ROLLOUT, settings={}))
    assert store.calls == []


@pytest.mark.parametrize("changed", [{"data": {"LOG_LEVEL": "debug"}}, {"immutable": None}])
def test_another_object_of_that_name_is_refused_by_name(
    store: KubeStore, settings: ConfigMapSettings, changed: dict[str, Any]
) -> None:
    settings.ensure(ROLLOUT)
    store.objects[PATH] |= changed
    with pytest.raises(ToolFailed, match=NAME):
        settings.ensure(ROLLOUT)


def test_those_that_somebody_rendered_serve_as_well_and_are_nobodys_to_delete(
    store: KubeStore, settings: ConfigMapSettings
) -> None:
    store.put_there(PATH, {"metadata": {"name": NAME, "uid": "u"}, "immutable": True, "data": SETTINGS})
    settings.ensure(ROLLOUT)
    assert "labels" not in store.objects[PATH]["metadata"]


def test_to_use_old_ones_again_makes_them_another_version(store: KubeStore, settings: ConfigMapSettings) -> None:
    """A former holder of the lock that wakes up in the middle of deleting them finds a version that is gone."""
    settings.ensure(ROLLOUT)
    [old] = settings.stored()
    assert old.digest == settings_digest(SETTINGS)
    settings.ensure(replace(ROLLOUT, id=8))
    with pytest.raises(Conflict):
        settings.delete(old)
    settings.delete(settings.stored()[0])
    assert PATH not in store.objects
    settings.delete(old)


def test_without_the_lock_nothing_is_deleted(store: KubeStore, settings: ConfigMapSettings) -> None:
    settings.ensure(ROLLOUT)
    with pytest.raises(LockHeld):
        ConfigMapSettings(store, NAMES).delete(settings.stored()[0])  # type: ignore[arg-type]
    assert PATH in store.objects


@pytest.mark.parametrize(
    "part",
    [
        {"envFrom": [{"configMapRef": {"name": NAME}}]},
        {"env": [{"name": "X", "valueFrom": {"configMapKeyRef": {"name": NAME, "key": "X"}}}]},
    ],
)
@pytest.mark.parametrize("kind", ["pods", "deployments"])
def test_whoever_refers_to_them_uses_them(
    store: KubeStore, settings: ConfigMapSettings, kind: str, part: dict[str, Any]
) -> None:
    pod = {"containers": [{"name": "a"}], "initContainers": [{"name": "b", **part}]}
    path = NAMES.core("pods", "p") if kind == "pods" else NAMES.apps("deployments", "d")
    store.put_there(path, {"spec": pod if kind == "pods" else {"template": {"spec": pod}}})
    assert settings.used() == {settings_digest(SETTINGS)}


def test_what_is_mounted_is_used_too(store: KubeStore, settings: ConfigMapSettings) -> None:
    store.put_there(NAMES.core("pods", "p"), {"spec": {"volumes": [{"name": "v", "configMap": {"name": NAME}}]}})
    store.put_there(NAMES.core("pods", "q"), {"spec": {"volumes": [{"name": "v", "configMap": {"name": "other"}}]}})
    assert settings.used() == {settings_digest(SETTINGS)}


def test_of_a_secret_the_keys_are_known_without_its_values(store: KubeStore) -> None:
    store.put_there(SECRET, a_secret(managedFields=written("url", "user")))
    assert keys_of(store) == {"db-v7": frozenset({"url", "user"})}
    assert store.calls == [f"GET {SECRET}"]


@pytest.mark.parametrize("noted", [[], written("user"), [{"fieldsV1": {}}]])
def test_where_that_is_not_noted_it_is_read(store: KubeStore, noted: list[dict[str, Any]]) -> None:
    store.put_there(SECRET, a_secret(managedFields=noted))
    assert keys_of(store) == {"db-v7": KEYS}


def test_one_that_does_not_exist_is_not_there(store: KubeStore) -> None:
    assert keys_of(store) == {}


def test_one_that_may_not_be_read_is_unknown(store: KubeStore) -> None:
    def forbidden(call: str) -> None:
        raise Forbidden("no")

    store.broken = forbidden
    assert keys_of(store) == {"db-v7": None}
