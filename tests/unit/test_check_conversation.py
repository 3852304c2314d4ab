"""Line-based conversations over TCP, against a server of one thread."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from wizard.check.smtp_dialogue import Dialogue
from wizard.check.waiting import Watch
from wizard.machine.conversation import Conversations
from wizard.machine.machine import ConversationCut, Cut


@contextmanager
def server(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """A port on which one client is served."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(10)

        def run() -> None:
            client, _address = listening.accept()
            with client:
                client.settimeout(10)
                serve(client)

        thread = threading.Thread(target=run)
        thread.start()
        yield listening.getsockname()[1]
        thread.join(10)


def test_lines_come_whole_however_they_are_cut_on_the_way() -> None:
    def serve(client: socket.socket) -> None:
        for piece in (b"22", b"0 a\r", b"\n250-b\r\n250 \xff\r\nrest\n"):
            client.sendall(piece)

    with server(serve) as port:
        talk = Conversations().open_conversation("127.0.0.1", port, 5)
        assert [talk.read_line() for _line in range(4)] == ["220 a", "250-b", "250 \\xff", "rest"]
        with pytest.raises(ConversationCut) as cut:
            talk.read_line()
        assert cut.value.why is Cut.CLOSED
        talk.close()


def test_what_is_said_ends_in_crlf_and_an_end_of_line_in_it_is_refused() -> None:
    heard: list[bytes] = []

    def serve(client: socket.socket) -> None:
        heard.append(client.recv(100))

    with server(serve) as port:
        talk = Conversations().open_conversation("127.0.0.1", port, 5)
        with pytest.raises(ValueError, match="end of line"):
            talk.write_line("MAIL FROM:<a@b.test>\r\nDATA")
        talk.write_line("QUIT")
        talk.close()
    assert heard == [b"QUIT\r\n"]


def test_a_silent_server_does_not_hold_us() -> None:
    done = threading.Event()
    with server(lambda _client: done.wait(10) and None) as port:
        talk = Conversations().open_conversation("127.0.0.1", port, 0.2)
        with pytest.raises(ConversationCut) as cut:
            talk.read_line()
        assert cut.value.why is Cut.TIMED_OUT
        talk.close()
        done.set()


def test_a_closed_port_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(ConversationCut) as cut:
        Conversations().open_conversation("127.0.0.1", port, 1)
    assert cut.value.why is Cut.REFUSED


def test_a_line_without_end_is_not_read_for_ever() -> None:
    with server(lambda client: client.sendall(b"x" * 40000)) as port:
        talk = Conversations().open_conversation("127.0.0.1", port, 5)
        with pytest.raises(ConversationCut):
            talk.read_line()
        talk.close()


def test_tls_with_a_server_that_has_none_is_said() -> None:
    with server(lambda client: client.sendall(b"not TLS at all\r\n" * 10)) as port:
        talk = Conversations().open_conversation("127.0.0.1", port, 5)
        with pytest.raises(ConversationCut) as cut:
            talk.start_tls()
        assert cut.value.why in {Cut.NO_TLS, Cut.CLOSED}


class Script:
    """A conversation that was written before."""

    def __init__(self, *replies: str) -> None:
        self.replies = list(replies)
        self.said: list[str] = []

    def read_line(self) -> str:
        if not self.replies:
            raise ConversationCut(Cut.CLOSED, "closed")
        return self.replies.pop(0)

    def write_line(self, line: str) -> None:
        self.said.append(line)

    def start_tls(self, verify_as: str = "") -> str:
        raise ConversationCut(Cut.NO_TLS, "no")

    def close(self) -> None:
        self.replies.clear()


def test_a_reply_of_several_lines_is_one_reply() -> None:
    reply = Dialogue(Script("250-a", "250-SIZE 1", "250 DSN", "rest"), Watch()).hear()
    assert (reply.code, reply.lines) == (250, ("250-a", "250-SIZE 1", "250 DSN"))


def test_a_dot_at_the_start_of_a_line_is_doubled() -> None:
    script = Script("250 ok")
    assert Dialogue(script, Watch()).send("a\n.\n..b\n").is_yes
    assert script.said == ["a", "..", "...b", "."]


@pytest.mark.parametrize("line", ["", "hello", "25", "²50 x", "999 x"])
def test_nonsense_is_neither_yes_nor_a_crash(line: str) -> None:
    assert not Dialogue(Script(line), Watch()).hear().is_yes


def test_control_characters_of_a_server_do_not_reach_the_terminal() -> None:
    dialogue = Dialogue(Script("220 \x1b[31mred\x07"), Watch())
    dialogue.hear()
    assert dialogue.told()[0].endswith("S: 220 ?[31mred?")
