"""What a cluster has for pods that are to enter target groups, asked of its API; and what `doctor` says of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from kube_store import KubeStore

from opsctl.core.bindings import GATE_LABEL, Bound
from opsctl.core.checkup import Level
from opsctl.core.environment import Aws, Environment
from opsctl.errors import Unreachable
from opsctl.tools.checkup import check_bindings
from opsctl.tools.cluster.api import Forbidden
from opsctl.tools.cluster.bindings import Bindings
from opsctl.tools.cluster.names import Names

NAMESPACE, GROUP = "/api/v1/namespaces/apps", "/apis/elbv2.k8s.aws/v1beta1"
OUTPUTS = {"edge": {"target_group_arns": {"api-blue": "arn"}}, "cluster": {"name": "c"}, "network": {"vpc_id": "v"}}


class Store(KubeStore):
    """Answers access reviews, too: everything is allowed but these."""

    refused: tuple[str, ...] = ()

    def _post(self, path: str, body: Any, query: Any) -> dict[str, Any]:
        asked = body["spec"]["resourceAttributes"]
        return {"status": {"allowed": f"{asked['verb']} {asked['resource']}" not in self.refused}}


def bindings(store: KubeStore, outputs: Any = OUTPUTS, aws: Aws | None = None) -> Bindings:
    environment = Environment(name="live", aws=aws or Aws(region="eu-west-1"))
    names = Names("apps", "agent")
    # the store stands in for the API: these tests are about what is asked of it
    return Bindings(store, names, environment, lambda: outputs, lambda edge: frozenset())  # type: ignore[arg-type]


def bound(store: KubeStore) -> Bound:
    found = bindings(store).read()
    assert found
    return found


def ready() -> Store:
    store = Store()
    store.objects[GROUP] = {"resources": [{"name": "targetgroupbindings"}]}
    store.put_there(NAMESPACE, {"metadata": {"labels": {GATE_LABEL: "enabled"}}})
    return store


@pytest.mark.parametrize(("outputs", "aws"), [({}, None), ({"edge": None}, None), (OUTPUTS, Aws(emulated=True))])
def test_where_nobody_comes_by_a_load_balancer_the_cluster_is_asked_nothing(outputs: Any, aws: Aws | None) -> None:
    store = KubeStore()
    assert bindings(store, outputs, aws).read() is None
    assert list(check_bindings(bindings(store, outputs, aws))) == []
    assert store.calls == []


def test_without_the_controller_nothing_can_be_bound() -> None:
    found = bound(KubeStore())
    assert (found.namespace, found.known, found.gated) == ("apps", False, True)
    assert "clusterName=c,region=eu-west-1,vpcId=v" in found.install


@pytest.mark.parametrize("offered", ["targetgroupbindings", "ingressclassparams"])
def test_the_kind_is_what_counts(offered: str) -> None:
    store = KubeStore()
    store.objects[GROUP] = {"resources": [{"name": offered}]}
    assert bound(store).known is (offered == "targetgroupbindings")


@pytest.mark.parametrize(("label", "gated"), [("enabled", True), ("no", False), (None, False)])
def test_a_namespace_that_somebody_made_may_lack_the_label(label: str | None, gated: bool) -> None:
    store = KubeStore()
    store.put_there(NAMESPACE, {"metadata": {"labels": {GATE_LABEL: label} if label else {}}})
    assert bound(store).gated is gated


def test_what_may_not_be_read_is_not_known() -> None:
    store = KubeStore("apps")

    def broken(call: str) -> None:
        if call == f"before GET {NAMESPACE}":
            raise Forbidden("no")

    store.broken = broken
    assert bound(store).gated is None


def test_doctor_asks_for_the_rights() -> None:
    store = ready()
    assert [found.level for found in check_bindings(bindings(store))] == [Level.WARN], "that users stay"
    store.refused = ("patch targetgroupbindings",)
    found = list(check_bindings(bindings(store)))[-1]
    assert (found.level, found.detail) == (Level.FAIL, "may not patch targetgroupbindings in apps")


def test_doctor_goes_on_where_nobody_can_tell() -> None:
    def silent() -> Any:
        raise Unreachable("nobody can tell where database and cache are")

    [found] = check_bindings(replace(bindings(ready()), ask=silent))
    assert (found.level, found.detail) == (Level.WARN, "nobody can tell where database and cache are")
