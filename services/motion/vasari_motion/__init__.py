"""The motion worker: speech and wishes become Motion, window by window."""
