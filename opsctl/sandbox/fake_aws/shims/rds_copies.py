"""RDS: automated backups that are copied from another region, which moto does not have."""

from __future__ import annotations

from typing import Any

from opsctl.sandbox.fake_aws.shims.hooks import operation

Item = dict[str, Any]


def install() -> None:
    from moto.rds.responses import RDSResponse

    operation(RDSResponse, "start_db_instance_automated_backups_replication", _start)
    operation(RDSResponse, "stop_db_instance_automated_backups_replication", _stop)
    _list_copies(RDSResponse)


def _copies(response: Any) -> dict[str, Item]:
    """By the ARN of the instance that they are of."""
    kept: dict[str, Item] = vars(response.backend).setdefault("_copies", {})
    return kept


def _start(response: Any, _: Item) -> Item:
    request = response.params  # knows its members by AWS's names and by moto's
    source = request["SourceDBInstanceArn"]
    name = source.rpartition(":")[2]
    _copies(response)[source] = {
        "DBInstanceArn": source,
        "DBInstanceIdentifier": name,
        "DBInstanceAutomatedBackupsArn": f"arn:aws:rds:{response.region}:{response.current_account}:auto-backup:{name}",
        "BackupRetentionPeriod": request.get("BackupRetentionPeriod", 7),
        "Encrypted": True,
        "KmsKeyId": request.get("KmsKeyId"),
        "Region": source.split(":")[3],
        "Status": "replicating",
    }
    return {"DBInstanceAutomatedBackup": _copies(response)[source]}


def _stop(response: Any, _: Item) -> Item:
    from moto.rds.exceptions import DBInstanceNotFoundError

    source = response.params["SourceDBInstanceArn"]
    copy = _copies(response).pop(source, None)
    if copy is None:
        raise DBInstanceNotFoundError(source)
    return {"DBInstanceAutomatedBackup": copy | {"Status": "deleting"}}


def _list_copies(responses: Any) -> None:
    original = responses.describe_db_instance_automated_backups

    def describe(response: Any) -> Any:
        result, wanted = original(response), response.params.get("DBInstanceAutomatedBackupsArn")
        found = [*result.result["DBInstanceAutomatedBackups"], *_copies(response).values()]
        if wanted:
            found = [each for each in _copies(response).values() if each["DBInstanceAutomatedBackupsArn"] == wanted]
        result.result["DBInstanceAutomatedBackups"] = found
        return result

    responses.describe_db_instance_automated_backups = describe
