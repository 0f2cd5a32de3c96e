"""The connection by the `kubernetes` package, for what a kubeconfig may have beyond certificates and tokens.

Its typed objects are not used, as they cost most of a second to load.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from opsctl.tools.cluster.connection import MAX_CONNECTIONS, Connection


def connect_by_package(kubeconfig: Path | None, context: str | None, source: str) -> Connection:
    """Raises OSError or ValueError."""
    from kubernetes.client.rest import RESTClientObject

    found = _configuration(kubeconfig, context)
    if found.host.startswith("https") and not _headers(found) and not found.cert_file:
        # the package only logs it where a program that makes tokens fails
        raise ValueError("it gives no credentials; does its program that makes tokens work?")
    pool = RESTClientObject(found).pool_manager
    return Connection(str(found.host), source, _tls(found), pool, lambda: _headers(found))


def _configuration(kubeconfig: Path | None, context: str | None) -> Any:
    from kubernetes.client.configuration import Configuration
    from kubernetes.config import load_kube_config
    from kubernetes.config.config_exception import ConfigException

    configuration = Configuration()
    try:
        load_kube_config(  # type: ignore[no-untyped-call]  # the package has no annotation there
            config_file=str(kubeconfig) if kubeconfig else None, context=context, client_configuration=configuration
        )
    except (ConfigException, TypeError, AttributeError) as error:  # the latter two by files it does not expect
        raise ValueError(str(error)) from error
    configuration.retries = False
    configuration.connection_pool_maxsize = MAX_CONNECTIONS
    return configuration


def _headers(found: Any) -> Mapping[str, str]:
    """Asked for each request: a token that a program made is made anew when it has expired."""
    settings = found.auth_settings().values()
    return {str(s["key"]): str(s["value"]) for s in settings if s["in"] == "header"}


def _tls(found: Any) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=found.ssl_ca_cert, cadata=found.ca_cert_data)
    if not found.verify_ssl:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if found.cert_file:
        context.load_cert_chain(found.cert_file, found.key_file)
    return context
