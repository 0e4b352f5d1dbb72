"""The editors' side of articles: editions, records, logs. Each module registers what it shows."""

from articles.admin import editions, groups, logs, records

__all__ = ["editions", "groups", "logs", "records"]
