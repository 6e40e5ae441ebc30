"""Alembic's entry: runs on the connection that `vasari.jobs.migrate` hands over."""

from alembic import context

from vasari.jobs.schema import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
