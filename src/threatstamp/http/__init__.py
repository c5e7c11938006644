"""The guarded HTTP client: whatever the desk asks of the outside, and how much it may cost."""

from threatstamp.http.knock import knock

__all__ = ["knock"]
