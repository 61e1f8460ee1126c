"""Creates and drops databases.

Source: Athena user guide, "CREATE DATABASE", "DROP DATABASE".
"""

from __future__ import annotations

from dataclasses import dataclass

from ....errors import AwsError
from ...glue import is_missing
from ..querying import Answer
from .hive import as_task_failure, glue_of, no_database, task_failed
from .reader import Reader
from .statement import Session, ddl, nothing


@dataclass(frozen=True)
class CreateDatabase:
    """Create a database; the comment becomes Glue's description."""

    name: str
    if_not_exists: bool
    comment: str | None
    location: str | None
    properties: dict[str, str]
    kind = ddl("CREATE_DATABASE")

    def begin(self, session: Session) -> Answer:
        given: dict[str, object] = {"Name": self.name, "Parameters": self.properties}
        if self.comment is not None:
            given["Description"] = self.comment
        if self.location is not None:
            given["LocationUri"] = self.location
        with as_task_failure():
            try:
                glue_of(session).call("CreateDatabase", DatabaseInput=given)
            except AwsError as error:
                if error.code != "AlreadyExistsException":
                    raise
                if not self.if_not_exists:
                    raise task_failed(f"Database {self.name} already exists") from error
        return nothing()


def create(reader: Reader) -> CreateDatabase:
    if_not_exists = reader.take("IF", "NOT", "EXISTS")
    name = reader.identifier()
    comment = reader.text() if reader.take("COMMENT") else None
    location = reader.text() if reader.take("LOCATION") else None
    properties = reader.properties() if reader.take("WITH", "DBPROPERTIES") else {}
    reader.end()
    return CreateDatabase(name, if_not_exists, comment, location, properties)


@dataclass(frozen=True)
class DropDatabase:
    """Drop a database; ``cascade`` also drops its tables."""

    name: str
    if_exists: bool
    cascade: bool
    kind = ddl("DROP_DATABASE")

    def begin(self, session: Session) -> Answer:
        glue = glue_of(session)
        with as_task_failure():
            try:
                tables = glue.every("GetTables", "TableList", DatabaseName=self.name)
            except AwsError as error:
                if not is_missing(error):
                    raise
                if not self.if_exists:
                    raise no_database(self.name) from error
                return nothing()
            if tables and not self.cascade:
                raise task_failed(
                    "InvalidOperationException(message:"
                    f"Database {self.name} is not empty. One or more tables exist.)"
                )
            for table in tables:
                glue.call("DeleteTable", DatabaseName=self.name, Name=table["Name"])
            glue.call("DeleteDatabase", Name=self.name)
        return nothing()


def drop(reader: Reader) -> DropDatabase:
    if_exists = reader.take("IF", "EXISTS")
    name = reader.identifier()
    cascade = reader.take_one("CASCADE", "RESTRICT") == "CASCADE"
    reader.end()
    return DropDatabase(name, if_exists, cascade)
