"""PingCode."""
