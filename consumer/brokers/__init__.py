"""Message queues behind one contract: `interface.py`."""
