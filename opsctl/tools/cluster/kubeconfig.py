"""The connection that a kubeconfig describes.

Certificates and tokens are read here, as loading the `kubernetes` package costs more than a whole `opsctl status`.
Whatever goes beyond them (a program that makes tokens, as on EKS; a proxy; several files) is left to the package.
"""

from __future__ import annotations

import base64
import os
import ssl
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from opsctl.errors import Unreachable
from opsctl.tools.cluster.connection import Connection, Headers, connect

_CLUSTER = {"server", "certificate-authority", "certificate-authority-data", "insecure-skip-tls-verify",
            "tls-server-name", "extensions"}  # fmt: skip
_USER = {"client-certificate", "client-certificate-data", "client-key", "client-key-data", "token", "tokenFile"}
_PROXIES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")


def connect_by_kubeconfig(file: Path | None, context: str | None) -> Connection:
    """`file` None is KUBECONFIG, then ~/.kube/config; `context` None is its current one. Raises Unreachable."""
    named = str(file or os.environ.get("KUBECONFIG") or Path("~/.kube/config").expanduser())
    source = f"kubeconfig {named}"
    try:
        if os.pathsep not in named:
            cluster, user = _entries(Path(named), context)
            if cluster.keys() <= _CLUSTER and user.keys() <= _USER and not any(map(os.environ.get, _PROXIES)):
                return _plain(cluster, user, Path(named).parent, source)
        from opsctl.tools.cluster.kubeconfig_package import connect_by_package

        return connect_by_package(file, context, source)
    except (OSError, ValueError) as error:
        raise Unreachable(
            f"no way to the cluster: {source}: {_words(error, named)}",
            hint="set kubernetes.kubeconfig and kubernetes.context; on EKS `aws eks update-kubeconfig` writes "
            "that file, for the sandbox `opsctl sandbox up` does",
        ) from error


def _words(error: OSError | ValueError, named: str) -> str:
    """Without the number of an error, and without the path that was said already."""
    if not isinstance(error, OSError) or not error.strerror:
        return str(error)
    return error.strerror if str(error.filename) == named else f"{error.filename}: {error.strerror}"


def _entries(file: Path, context: str | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """The cluster and the user of a context. Raises ValueError in words for people."""
    found = _mapping(_yaml(file.read_bytes()), "the file")
    chosen = context or found.get("current-context")
    if not chosen:
        raise ValueError("it names no current context")
    where = _named(found, "context", chosen)
    user = _named(found, "user", where["user"]) if where.get("user") else {}
    return _named(found, "cluster", where.get("cluster")), user


def _yaml(raw: bytes) -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        return YAML(typ="safe").load(raw.decode())
    except YAMLError as error:
        raise ValueError("it is no YAML: " + str(error).splitlines()[0]) from error


def _named(found: Mapping[str, Any], kind: str, name: Any) -> dict[str, Any]:
    entries = found.get(f"{kind}s")
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, dict) and entry.get("name") == name:
            return _mapping(entry.get(kind), f"{kind} {name}")
    raise ValueError(f"it has no {kind} {name}")


def _mapping(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{what} is no mapping")
    return value


def _plain(cluster: Mapping[str, Any], user: Mapping[str, Any], folder: Path, source: str) -> Connection:
    server = str(cluster.get("server") or "")
    if not server.startswith(("https://", "http://")):
        raise ValueError(f"its server {server!r} is no address")
    authority = _content(cluster, "certificate-authority", folder)
    try:
        tls = ssl.create_default_context(cadata=authority.decode("ascii") if authority else None)
        if cluster.get("insecure-skip-tls-verify") is True:
            tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
        _identify(tls, user, folder)
    except ssl.SSLError as error:
        raise ValueError(f"its certificates cannot be used: {error.reason or error}") from error
    return connect(server.rstrip("/"), source, tls, _token(user, folder), cluster.get("tls-server-name"))


def _identify(tls: ssl.SSLContext, user: Mapping[str, Any], folder: Path) -> None:
    certificate, key = _content(user, "client-certificate", folder), _content(user, "client-key", folder)
    if not certificate:
        return
    with TemporaryDirectory(prefix="opsctl-") as scratch:  # readable by its owner only; ssl takes files alone
        pair = Path(scratch, "pair.pem")
        pair.write_bytes(certificate + b"\n" + key)
        tls.load_cert_chain(pair)


def _content(entry: Mapping[str, Any], name: str, folder: Path) -> bytes:
    if entry.get(f"{name}-data"):
        return base64.b64decode(str(entry[f"{name}-data"]), validate=True)
    return (folder / str(entry[name])).read_bytes() if entry.get(name) else b""


def _token(user: Mapping[str, Any], folder: Path) -> Headers:
    if user.get("tokenFile"):
        file = folder / str(user["tokenFile"])
        file.read_text()
        return lambda: {"authorization": f"Bearer {file.read_text().strip()}"}
    return lambda: {"authorization": f"Bearer {user['token']}"} if user.get("token") else {}
