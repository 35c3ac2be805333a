"""Read by Alembic: runs revisions on the connection that `serving.migrations` opened."""

from alembic import context

from serving.audit import models as audit_models
from serving.database import Base
from serving.keys import models as keys_models
from serving.review import models as review_models
from serving.users import models as users_models

TABLES = (
    keys_models.ApiKey,
    audit_models.Event,
    review_models.Item,
    users_models.User,
)  # importing a table is what registers it

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transactional_ddl=True,  # SQLite can too, now that BEGIN is sent in time
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
