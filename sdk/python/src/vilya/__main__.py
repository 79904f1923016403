"""What a worker process runs: ``python .../vilya/__main__.py ENTRY --sock PATH``, or ``python -m vilya`` where the package is installed."""

import os
import sys

if __name__ == "__main__":
    if not __package__:
        # Run by its path: the folder above the package belongs on the path, the package's own must not be there.
        sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    from vilya._worker import quick_exit

    quick_exit.prepare()
    from vilya._worker.launch import main

    sys.exit(main(sys.argv[1:]))
