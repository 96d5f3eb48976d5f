"""Every record between poll and acknowledgement."""
