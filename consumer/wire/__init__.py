"""What stands on the topics: how it is read and written."""
