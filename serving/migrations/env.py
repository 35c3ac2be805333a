"""Read by Alembic: runs revisions on the connection that `serving.migrations` opened."""

from alembic import context

from serving.database import Base
from serving.keys import models as keys_models

TABLES = (keys_models.ApiKey,)  # importing a table is what registers it

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transactional_ddl=True,  # SQLite can too, now that BEGIN is sent in time
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
