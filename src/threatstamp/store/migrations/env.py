"""How Alembic reaches the connection that `migrate` holds."""

from __future__ import annotations

from alembic import context

from threatstamp.store.tables.columns import metadata
from threatstamp.store.versions import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    transactional_ddl=False,  # the caller's transaction holds it all
    render_as_batch=True,
)
context.run_migrations()
