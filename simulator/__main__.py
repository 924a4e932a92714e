"""`python -m simulator` is the same as `carrier-sim`."""

from simulator.cli import main

if __name__ == "__main__":
    main()
