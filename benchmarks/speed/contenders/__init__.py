"""What is compared. Each is built and run in a process of its own."""
