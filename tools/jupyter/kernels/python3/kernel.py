"""Start the usual kernel, without the machine's /etc/ipython; see tools/own_settings.py."""

import sys

if __name__ == "__main__":
    # As ipykernel's own launcher: what lies beside this file or the notebook hides no module.
    del sys.path[0]
    from IPython.core import application

    application.SYSTEM_CONFIG_DIRS.clear()
    from ipykernel import kernelapp

    kernelapp.launch_new_instance()
