"""The tables, as SQLAlchemy Core sees them. `migrations/` makes them; both engines share every column type."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """An aware moment, kept and returned in UTC on both engines. A naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware moment into UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a zone cannot be stored")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


stories = Table(
    "stories",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("source", String(200), primary_key=True),
    Column("url", Text),
    Column("title", Text, nullable=False),
    Column("site", Text),
    Column("published_at", Moment),
    Column("seen_at", Moment, nullable=False),
    Column("is_hand_picked", Integer, nullable=False, default=0),
    Column("body", JSON, nullable=False),
    Index("ix_stories_source_seen_at", "source", "seen_at"),
)

sources = Table(
    "sources",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("address", Text, primary_key=True),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("fetched_at", Moment),
    Column("failures", Integer, nullable=False, default=0),
    Column("last_error", Text),
    Column("retry_at", Moment),
)

editions = Table(
    "editions",
    metadata,
    Column("newsletter", String(200), primary_key=True),
    Column("date", Date, primary_key=True),
    Column("state", String(20), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("made_at", Moment, nullable=False),
)

revisions = Table(
    "revisions",
    metadata,
    Column("newsletter", String(200), primary_key=True),
    Column("date", Date, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("saved_at", Moment, nullable=False),
    Column("what", Text, nullable=False),
    Column("who", Text, nullable=False, default="", server_default=""),
    Column("body", JSON, nullable=False),
)

printed = Table(
    "printed",
    metadata,
    Column("newsletter", String(200), primary_key=True),
    Column("story_id", String(64), primary_key=True),
    Column("date", Date, nullable=False),
    Column("title", Text, nullable=False),
    Column("url", Text),
)

renderings = Table(
    "renderings",
    metadata,
    Column("newsletter", String(200), primary_key=True),
    Column("date", Date, primary_key=True),
    Column("made_at", Moment, nullable=False),
    Column("body", JSON, nullable=False),
)

subscribers = Table(
    "subscribers",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("newsletter", String(200), nullable=False),
    Column("address", String(320), nullable=False),
    Column("address_key", String(320), nullable=False),
    Column("name", Text, nullable=False, default=""),
    Column("state", String(20), nullable=False),
    Column("time_zone", String(64)),
    Column("language", String(20)),
    Column("plain_text", Integer, nullable=False, default=0, server_default="0"),
    Column("consent", Text, nullable=False, default=""),
    Column("joined_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    UniqueConstraint("newsletter", "address_key"),
    Index("ix_subscribers_newsletter_state", "newsletter", "state"),
)

consents = Table(
    "consents",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column(
        "subscriber_id", Integer, ForeignKey("subscribers.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    Column("act", String(20), nullable=False),
    Column("how", String(20), nullable=False),
    Column("wording", Text, nullable=False, default=""),
    Column("wording_hash", String(64), nullable=False, default=""),
    Column("came_from", String(64), nullable=False, default=""),
    Column("proof", Text, nullable=False, default=""),
    Column("given_at", Moment, nullable=False),
)

confirmations = Table(
    "confirmations",
    metadata,
    Column("consent_id", Integer, ForeignKey("consents.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("tries", Integer, nullable=False, default=0),
    Column("next_at", Moment, index=True),
    Column("sent_at", Moment),
)

attempts = Table(
    "attempts",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("since", Moment, nullable=False),
    Column("made", Integer, nullable=False),
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("address_hash", String(64), primary_key=True),
    Column("newsletter", String(200), primary_key=True),
    Column("why", String(40), nullable=False),
    Column("since", Moment, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("newsletter", String(200), primary_key=True),
    Column("date", Date, primary_key=True),
    Column("subscriber_id", Integer, ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True),
    Column("state", String(20), nullable=False),
    Column("message_id", String(200), nullable=False),
    Column("attempt", Integer, nullable=False, default=0),
    Column("tries", Integer, nullable=False, default=0),
    Column("doubts", Integer, nullable=False, default=0),
    Column("owner", String(100)),
    Column("lease_until", Moment),
    Column("next_at", Moment),
    Column("changed_at", Moment, nullable=False),
    Column("reply", Text, nullable=False, default=""),
    Index("ix_deliveries_due", "newsletter", "date", "state", "next_at"),
    Index("ix_deliveries_message_id", "message_id"),
)

halts = Table(
    "halts",
    metadata,
    Column("newsletter", String(200), primary_key=True),
    Column("date", Date, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("since", Moment, nullable=False),
)

bounces = Table(
    "bounces",
    metadata,
    Column("subscriber_id", Integer, ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True),
    Column("newsletter", String(200), primary_key=True),
    Column("date", Date, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("status", String(20), nullable=False, default=""),
    Column("told_at", Moment, nullable=False),
)

letters = Table(
    "letters",
    metadata,
    Column("box", String(64), primary_key=True),
    Column("letter", String(64), primary_key=True),
)

runs = Table(
    "runs",
    metadata,
    Column("newsletter", String(200), primary_key=True),
    Column("date", Date, primary_key=True),
    Column("zone_group", String(64), primary_key=True, default=""),
    Column("state", String(20), nullable=False),
    Column("owner", String(100)),
    Column("lease_until", Moment),
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("note", Text, nullable=False, default=""),
    Column("phase", String(20), nullable=False, default="", server_default=""),
)

leases = Table(
    "leases",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("owner", String(100), nullable=False),
    Column("beats", BigInteger, nullable=False),
    Column("since", Moment, nullable=False),
)

told = Table(
    "told",
    metadata,
    Column("newsletter", String(200), primary_key=True),
    Column("what", String(40), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("told_at", Moment, nullable=False),
)


pictures = Table(
    "pictures",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("made_at", Moment, nullable=False),
    Column("name", String(80)),
    Column("content", LargeBinary),
    Column("content_type", String(40)),
    Column("width", Integer),
    Column("height", Integer),
    Column("problem", Text),
    Index("ix_pictures_name", "name"),
)
