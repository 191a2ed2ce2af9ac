"""A JupyterLab of which the course knows nothing, that says its address once it listens."""

import sys

from jupyterlab.labapp import LabApp

server = LabApp.initialize_server(argv=sys.argv[1:])
address = f"http://127.0.0.1:{server.port}/lab?token={server.identity_provider.token}"
server.io_loop.add_callback(print, address, flush=True)
server.start()
