"""What is kept of earlier answers: `interface.py` is the contract, `scores.py` what is kept."""
