"""What is on disk: finds, reads and watches the logs of coding agents."""
