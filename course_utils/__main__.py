"""``python -m course_utils``: the same as the console script ``course``."""

from .cli import main

if __name__ == "__main__":
    main()
