"""Line-based conversations over TCP (SMTP, LMTP, IMAP, ManageSieve): the one place that opens a socket."""

import contextlib
import errno
from typing import TYPE_CHECKING, Final

from wizard.machine.machine import ConversationCut, Cut
from wizard.words import _

# Only the test sends talk to anybody, so what they need is loaded by them.
if TYPE_CHECKING:
    from socket import socket

# RFC 5321, section 4.5.3.1.5 allows 512 octets in a reply line; extensions and other protocols need room.
LONGEST_LINE: Final = 16384


class TcpConversation:
    """One connection, in clear or in TLS; `timeout` holds for each line, so that a silent server cannot hold us."""

    def __init__(self, host: str, port: int, timeout: float) -> None:
        self._place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self._read = b""
        from socket import create_connection

        try:
            self._socket: socket = create_connection((host, port), timeout=timeout)
        except OSError as error:
            raise self._cut(error) from error

    def read_line(self) -> str:
        """The next line without its end."""
        while b"\n" not in self._read:
            if len(self._read) > LONGEST_LINE:
                raise ConversationCut(Cut.CLOSED, _("{place} sent a line without end.").format(place=self._place))
            try:
                received = self._socket.recv(4096)
            except OSError as error:
                raise self._cut(error) from error
            if not received:
                raise ConversationCut(Cut.CLOSED, _("{place} closed the connection.").format(place=self._place))
            self._read += received
        line, _end, self._read = self._read.partition(b"\n")
        return line.removesuffix(b"\r").decode("utf-8", "backslashreplace")

    def write_line(self, line: str) -> None:
        """Sends one line; an end of line inside it is refused."""
        if "\r" in line or "\n" in line:
            raise ValueError("a line of a conversation has no end of line in it")
        try:
            self._socket.sendall(line.encode("utf-8") + b"\r\n")
        except OSError as error:
            raise self._cut(error) from error

    def start_tls(self, verify_as: str = "") -> str:
        """Goes on in TLS; what the server sent in clear beyond its answer is dropped (RFC 3207, section 4.2)."""
        import ssl

        self._read = b""
        context = ssl.create_default_context()
        if not verify_as:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        try:
            secured = context.wrap_socket(self._socket, server_hostname=verify_as or None)
        except (ssl.SSLError, ssl.CertificateError) as error:
            self.close()
            raise ConversationCut(
                Cut.NO_TLS, _("No TLS with {place}: {reason}").format(place=self._place, reason=error)
            ) from error
        except OSError as error:
            raise self._cut(error) from error
        self._socket = secured
        cipher = secured.cipher()
        return f"{secured.version()} {cipher[0]}" if cipher else str(secured.version())

    def close(self) -> None:
        """Ends the connection."""
        with contextlib.suppress(OSError):
            self._socket.close()

    def _cut(self, error: OSError) -> ConversationCut:
        """The error in words; a name that is not known counts as unreachable."""
        if isinstance(error, TimeoutError):
            return ConversationCut(Cut.TIMED_OUT, _("{place} did not answer in time.").format(place=self._place))
        if isinstance(error, ConnectionRefusedError):
            return ConversationCut(Cut.REFUSED, _("{place} refused the connection.").format(place=self._place))
        if isinstance(error, ConnectionError):
            return ConversationCut(Cut.CLOSED, _("{place} cut the connection.").format(place=self._place))
        reason = error.strerror or errno.errorcode.get(error.errno or 0, type(error).__name__)
        return ConversationCut(
            Cut.UNREACHABLE, _("{place} cannot be reached: {reason}").format(place=self._place, reason=reason)
        )


class Conversations:
    """What a machine that really has a network inherits, to be able to open conversations."""

    def open_conversation(self, host: str, port: int, timeout: float = 30) -> TcpConversation:
        """Connects to a TCP port; raises ConversationCut."""
        return TcpConversation(host, port, timeout)
