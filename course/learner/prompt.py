"""The server's way from a kernel to the page, without a pause between two messages."""

from __future__ import annotations

from typing import Any

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection


class PromptConnection(ZMQChannelsWebsocketConnection):  # type: ignore[misc]
    """Sends each message at once.

    A kernel answers a moved slider with several short messages. TCP holds back a short one until
    the page's machine has confirmed the one before, which may take it 40 ms (Nagle's algorithm
    and delayed acknowledgement).
    """

    def connect(self) -> Any:
        """Take the connection into use."""
        self.websocket_handler.set_nodelay(True)
        return super().connect()
