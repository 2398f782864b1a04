"""Keep the phase of each run, which daemon is at work, and what the editor was told."""

import sqlalchemy as sa
from alembic import op

from digest.store.tables import Moment

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    with op.batch_alter_table("runs") as changed:
        changed.add_column(sa.Column("phase", sa.String(20), server_default="", nullable=False))
    op.create_table(
        "leases",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("owner", sa.String(100), nullable=False),
        sa.Column("beats", sa.BigInteger(), nullable=False),
        sa.Column("since", Moment(), nullable=False),
    )
    op.create_table(
        "told",
        sa.Column("newsletter", sa.String(200), primary_key=True),
        sa.Column("what", sa.String(40), primary_key=True),
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("told_at", Moment(), nullable=False),
    )
