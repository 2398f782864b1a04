"""Keep who made each revision of an edition."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    with op.batch_alter_table("revisions") as changed:
        changed.add_column(sa.Column("who", sa.Text(), server_default="", nullable=False))
