"""Keep which sends are paused or stopped, and find deliveries by their Message-IDs."""

import sqlalchemy as sa
from alembic import op

from digest.store.tables import Moment

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "halts",
        sa.Column("newsletter", sa.String(length=200), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("newsletter", "date", name=op.f("pk_halts")),
    )
    op.create_index("ix_deliveries_message_id", "deliveries", ["message_id"], unique=False)
