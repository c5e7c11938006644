"""The guarded HTTP client: where the desk may connect to, and how much an answer may cost."""

from threatstamp.http.knock import knock

__all__ = ["knock"]
