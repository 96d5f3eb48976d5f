"""`python -m memelens`."""

from .cli import main

if __name__ == "__main__":
    main()
