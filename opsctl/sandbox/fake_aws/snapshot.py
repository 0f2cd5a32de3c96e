"""moto's whole memory as one file: all backends in one pickle, since they hold each other's objects.

What cannot be pickled is replaced: locks by new ones, keys and certificates by their DER form. What need not be there
is left out: AWS's own managed policies, which would be nearly all of it, are taken from the loading moto.

A pickle runs code when loaded, so a file is read only if it is a plain file that belongs to this user and that
nobody else can read or write.
"""

from __future__ import annotations

import io
import os
import pickle
import stat
import threading
from pathlib import Path
from typing import Any

from opsctl.errors import OpsError

_LOCK_TYPES = (type(threading.Lock()), type(threading.RLock()))


def save(path: Path) -> None:
    """Write everything to `path`, as a whole or not at all. No request may be served meanwhile."""
    buffer = io.BytesIO(_header())
    buffer.seek(0, io.SEEK_END)
    _Pickler(buffer, protocol=pickle.HIGHEST_PROTOCOL).dump(_backends())
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)  # left by a save that was killed
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(buffer.getbuffer())
    draft.replace(path)


def load(path: Path) -> None:
    """Fill moto from `path`. Raises OpsError if the file is not ours alone, or was not written by this moto."""
    with open(_open(path), "rb") as file:
        _refuse_foreign(path, os.fstat(file.fileno()))
        if file.readline(len(_header())) != _header():
            raise _unreadable(path, f"it does not begin with {_header()!r}")
        try:
            table = pickle.load(file)
        except Exception as error:  # a damaged pickle may raise nearly anything
            raise _unreadable(path, repr(error)) from error
    _restore(table)


def _header() -> bytes:
    """The file's first line. Another version of moto has other attributes in its objects."""
    import moto

    return f"fake AWS, moto {moto.__version__}\n".encode()


def _open(path: Path) -> int:
    """A symbolic link is refused by the system: what it points to may be exchanged between check and use."""
    try:
        return os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError as error:
        raise _unreadable(path, str(error)) from error


def _backends() -> dict[str, dict[str, dict[str, Any]]]:
    """{service: {account: {region: backend}}} of all that was used so far."""
    from moto.core.base_backend import BackendDict

    table: dict[str, dict[str, dict[str, Any]]] = {}
    services: list[Any] = list(BackendDict._instances)  # type: ignore[misc]
    for service in services:
        for account, region, backend in service.iter_backends():
            if not _is_bare_iam(backend):
                table.setdefault(service.service_name, {}).setdefault(account, {})[region] = backend
    return table


def _is_bare_iam(backend: Any) -> bool:
    """moto makes an IAM for each of AWS's six partitions merely to look up a caller, and only one is ever used."""
    from moto.iam.models import IAMBackend

    if not isinstance(backend, IAMBackend):
        return False
    given = ("aws_managed_policies", "managed_policies")
    own = [value for name, value in vars(backend).items() if name not in given and isinstance(value, dict | list)]
    return not any(own) and len(backend.managed_policies) == len(backend.aws_managed_policies)


def _restore(table: dict[str, dict[str, dict[str, Any]]]) -> None:
    """Puts the state into moto's own backends, since other parts of moto already hold those."""
    from moto.backends import get_backend

    for service, accounts in table.items():
        for account, regions in accounts.items():
            for region, backend in regions.items():
                get_backend(service)[account][region].__dict__.update(backend.__dict__)  # type: ignore[call-overload]


class _Pickler(pickle.Pickler):
    def reducer_override(self, obj: Any) -> Any:
        from moto.iam.models import AWSManagedPolicy

        if isinstance(obj, _LOCK_TYPES):
            return type(obj), ()
        if isinstance(obj, AWSManagedPolicy) and obj.attachment_count == 0:  # an attached one counts its attachments
            return _aws_policy, (obj.account_id, obj.arn)
        return _reduced_cryptography(obj)


def _aws_policy(account: str, arn: str) -> Any:
    from moto.iam.models import iam_backends

    return iam_backends[account][arn.split(":")[1]].managed_policies[arn]


def _reduced_cryptography(obj: Any) -> Any:
    """Keys and certificates as DER, which is bytes."""
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    from cryptography.x509 import Certificate

    if isinstance(obj, Certificate):
        return _certificate, (obj.public_bytes(Encoding.DER),)
    if isinstance(obj, RSAPrivateKey | EllipticCurvePrivateKey):
        return _private_key, (obj.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),)
    return NotImplemented


def _private_key(der: bytes) -> Any:
    from cryptography.hazmat.primitives.serialization import load_der_private_key

    return load_der_private_key(der, password=None)


def _certificate(der: bytes) -> Any:
    from cryptography.x509 import load_der_x509_certificate

    return load_der_x509_certificate(der)


def _refuse_foreign(path: Path, info: os.stat_result) -> None:
    ours = stat.S_ISREG(info.st_mode) and info.st_uid == os.getuid() and not info.st_mode & 0o077
    if not ours:
        raise OpsError(
            f"{path} must belong to this user alone; it belongs to {info.st_uid}, {stat.filemode(info.st_mode)}",
            state="The fake AWS was not started: loading such a file could run somebody else's code.",
            hint=f"if you trust it, chown {os.getuid()} {path} && chmod 600 {path}; else delete it and provision again",
        )


def _unreadable(path: Path, why: str) -> OpsError:
    return OpsError(
        f"{path} is not a state that this version of the fake AWS can read: {why}",
        state="The fake AWS was not started; the file is as it was.",
        hint=f"delete {path} and provision again, or go back to the version that wrote it",
    )
