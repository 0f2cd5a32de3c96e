"""Asking the application's pods to let agents go, by its own endpoint on the port that is never public."""

from __future__ import annotations

from opsctl.core.environment import Environment
from opsctl.core.snapshot import ColorState
from opsctl.core.steps import LetGo
from opsctl.errors import ToolFailed
from opsctl.tools.cluster.ways import PodAtFault, Way


class DrainEndpoint:
    """`environment.services` is what a color is taken to offer whose Deployment does not say.

    What comes late moves a portion more than was meant, and nothing else: so no version is named here (see `fence`).
    """

    def __init__(self, way: Way, environment: Environment) -> None:
        self.way, self.services = way, environment.services
        self.limit = environment.release.probe_timeout

    def let_go(self, state: ColorState, step: LetGo) -> None:
        port = (state.services or self.services).metrics.port
        pods = {pod.name: pod for pod in state.pods}
        for name, count in step.portions:
            path = f"{step.path}?n={count}&within={step.within:g}"
            try:
                answer = self.way.post(pods[name], port, path, self.limit)
            except PodAtFault as error:
                raise ToolFailed(f"{name} did not take POST {path} on port {port}: {error}") from error
            if not 200 <= answer.status < 300:
                raise ToolFailed(f"{name} answered {answer.status} to POST {path} on port {port}")
