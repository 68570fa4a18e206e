"""Messages on a connected socket."""

from __future__ import annotations

import select
import socket
import struct
import time

from .arrays import LARGEST
from .errors import ChannelError, Closed, TooLong

_FRAME = struct.Struct("<Q")


class Link:
    """Messages on a connected socket: a length, then the bytes.

    Parameters
    ----------
    sock : socket.socket
        A stream.
    largest : int, optional
        The most bytes of a message that comes in.
    eager : bool, optional
        True reads as much as there is at once. Only for sockets from which nothing else reads.
    """

    def __init__(self, sock: socket.socket, largest: int = LARGEST, eager: bool = False):
        self.sock = sock
        self.largest = largest
        self._eager = eager
        self._buffer = b""
        sock.setblocking(True)

    def fileno(self) -> int:
        """Return the socket's number, for `select`."""
        return self.sock.fileno()

    def close(self) -> None:
        """Close the socket."""
        self.sock.close()

    def send(self, data: bytes, seconds: float | None = None) -> None:
        """Send one message.

        Raises
        ------
        Closed
            When the other side has gone.
        TooLong
            When it takes nothing within the time.
        """
        try:
            if seconds is not None or self.sock.gettimeout() is not None:
                self.sock.settimeout(seconds)
            if len(data) < 65536:
                self.sock.sendall(_FRAME.pack(len(data)) + data)
            else:
                self.sock.sendall(_FRAME.pack(len(data)))
                self.sock.sendall(data)
        except TimeoutError:
            raise TooLong("nothing is taken") from None
        except OSError as error:
            raise Closed(str(error)) from None

    def receive(self, until: float | None = None) -> bytes:
        """Wait for one message.

        Parameters
        ----------
        until : float, optional
            When to give up, in the time of `time.monotonic`.

        Raises
        ------
        Closed
            When the other side has gone.
        TooLong
            When the time is over.
        ChannelError
            When a message is announced that is too large.
        """
        size = _FRAME.unpack(self._exactly(8, until))[0]
        if size > self.largest:
            raise ChannelError(f"a message of {size} bytes was announced")
        return self._exactly(size, until)

    def _exactly(self, count: int, until: float | None) -> bytes:
        pieces, missing = [], count
        if self._buffer:
            pieces.append(self._buffer[:count])
            missing -= len(pieces[0])
            self._buffer = self._buffer[count:]
        while missing:
            if until is not None:
                left = until - time.monotonic()
                if left <= 0 or not select.select([self.sock], [], [], left)[0]:
                    raise TooLong("nothing came")
            try:
                if self.sock.gettimeout() is not None:
                    self.sock.settimeout(None)
                piece = self.sock.recv(65536 if self._eager else min(missing, 2**20))
            except OSError as error:
                raise Closed(str(error)) from None
            if not piece:
                raise Closed("the other side has gone")
            if len(piece) > missing:
                piece, self._buffer = piece[:missing], piece[missing:]
            pieces.append(piece)
            missing -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)
