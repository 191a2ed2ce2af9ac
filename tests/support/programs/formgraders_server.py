"""A Jupyter server as configured, that says its address once it listens."""

from jupyter_server.serverapp import ServerApp

server = ServerApp.instance()
server.initialize([])
server.io_loop.add_callback(print, f"http://127.0.0.1:{server.port}", flush=True)
server.start()
