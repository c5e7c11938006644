"""Alembic's environment: it runs on the connection that `migrate` holds."""

from __future__ import annotations

from alembic import context

from threatstamp.store.tables.columns import metadata
from threatstamp.store.versions import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    transactional_ddl=False,  # `migrate` has begun the transaction, and commits it
    render_as_batch=True,  # SQLite cannot alter a column: Alembic copies the table instead
)
context.run_migrations()
