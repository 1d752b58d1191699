"""Real SIP software in a network namespace of its own: sipp scenarios, a STUN server, tcpdump."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PHONE, PBX, STUN = "127.0.0.21", "127.0.0.10", "127.0.0.53"
AUDIO = Path("/usr/share/sip-tester/g711a.pcap")
YEALINK = "Yealink SIP-T46S 66.85.0.5"
TCX = "3CXPhoneSystem 20.0.8.1109 (1109)"
LIMIT_S = 60


def missing(*tools: str) -> str | None:
    """Why the tests cannot run here, null when they can."""
    if os.geteuid() != 0:
        return "needs root: network namespaces and raw sockets"
    absent = [tool for tool in ("ip", "tcpdump", "sipp", *tools) if not shutil.which(tool)]
    return f"not installed: {', '.join(absent)}" if absent else None


class Network:
    """A namespace with a loopback interface, tcpdump on it, and whatever is started in it."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.folder = name, folder
        self.file = folder / "made.pcap"
        self.started: list[subprocess.Popen[bytes]] = []
        self.count = 0

    def run(self, *command: str) -> None:
        """A command outside that must succeed."""
        subprocess.run(command, check=True, capture_output=True, timeout=LIMIT_S)

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """A process inside, with its own process group."""
        child = subprocess.Popen(
            ["ip", "netns", "exec", self.name, *command], cwd=self.folder, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        self.started.append(child)
        return child

    def sipp(
        self, scenario: str, *options: str, local: str, remote: str = "", media: int = 0, timeout: int = 40
    ) -> subprocess.Popen[bytes]:
        """One call of a scenario (XML text)."""
        self.count += 1
        path = self.folder / f"scenario{self.count}.xml"
        path.write_text(scenario, encoding="utf-8")
        ports = ["-mi", local, "-mp", str(media)] if media else []
        target = [f"{remote}:5060"] if remote else []
        return self.start(
            "sipp", *target, "-sf", str(path), "-i", local, "-p", "5060", "-m", "1", "-timeout", str(timeout), "-timeout_error", "-nostdin", *ports, *options,
        )  # fmt: skip

    def capture(self, interface: str = "lo") -> None:
        """Start tcpdump and wait until it listens."""
        self.start("tcpdump", "-Z", "root", "-n", "-U", "--immediate-mode", "-i", interface, "-w", str(self.file))
        self.until(lambda: self.file.exists() and self.file.stat().st_size >= 24)

    def until(self, condition: object) -> None:
        """Wait for something that comes soon."""
        assert callable(condition)
        for _ in range(400):
            if condition():
                return
            time.sleep(0.05)
        raise AssertionError("it did not happen")

    def listening(self, address: str, port: int, *, tcp: bool = False) -> None:
        """Wait until something listens there."""
        place = f"{address}:{port}"

        def found() -> bool:
            shown = subprocess.run(
                ["ip", "netns", "exec", self.name, "ss", "-Htln" if tcp else "-Huln"],
                capture_output=True,
                text=True,
                check=False,
                timeout=LIMIT_S,
            )
            return place in shown.stdout

        self.until(found)

    def done(self, *children: subprocess.Popen[bytes]) -> None:
        """Wait for processes that end by themselves and expect that they say all went as planned."""
        for child in children:
            assert child.wait(LIMIT_S) == 0, child.args

    def read(self) -> bytes:
        """Stop the capture and give its bytes."""
        time.sleep(0.3)
        self.stop(self.started[0])
        return self.file.read_bytes()

    def stop(self, child: subprocess.Popen[bytes]) -> None:
        """End a process group."""
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGINT)
            try:
                child.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait(5)


@contextmanager
def network(folder: Path) -> Iterator[Network]:
    """A namespace that goes away with all its processes."""
    net = Network(f"tcx{os.getpid()}", folder)
    net.run("ip", "netns", "add", net.name)
    try:
        net.run("ip", "netns", "exec", net.name, "ip", "link", "set", "lo", "mtu", "1500", "up")
        net.capture()
        yield net
    finally:
        for child in reversed(net.started):
            net.stop(child)
        net.run("ip", "netns", "del", net.name)


def sdp(*, codec: str = "8", extra: str = "", media: str | None = None) -> str:
    """A session description with sipp's own address and port."""
    line = media or f"m=audio [media_port] RTP/AVP {codec} 101"
    return (
        "v=0\no=u 1 1 IN IP[local_ip_type] [local_ip]\ns=-\nc=IN IP[media_ip_type] [media_ip]\nt=0 0\n"
        f"{line}\na=rtpmap:101 telephone-event/8000\n{extra}"
    )


def send(
    method: str, cseq: int, *, body: str = "", branch: str = "[branch]", to: str = "", contact: str = "[local_ip]:[local_port]",
    headers: str = "", user: str = "101", number: str = "102", cseq_method: str = "",
) -> str:  # fmt: skip
    """A request of the caller."""
    kind = "Content-Type: application/sdp\n" if body else ""
    return f"""<send retrans="500"><![CDATA[
{method} sip:{number}@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch={branch};rport
From: <sip:{user}@[remote_ip]>;tag=[pid]A
To: <sip:{number}@[remote_ip]>{to}
Call-ID: [call_id]
CSeq: {cseq} {cseq_method or method}
Contact: <sip:{user}@{contact}>
Max-Forwards: 70
User-Agent: {YEALINK}
{headers}{kind}Content-Length: [len]

{body}]]></send>
""".replace("""<send retrans="500">""", "<send>" if method == "ACK" else """<send retrans="500">""")


def answer(status: str, *, body: str = "", headers: str = "", tag: str = ";tag=B") -> str:
    """A response of the called side to the last request."""
    kind = "Content-Type: application/sdp\n" if body else ""
    return f"""<send><![CDATA[
SIP/2.0 {status}
[last_Via:]
[last_From:]
[last_To:]{tag}
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port]>
Server: {TCX}
{headers}{kind}Content-Length: [len]

{body}]]></send>
"""


def get(what: int | str, *, optional: bool = False, auth: bool = False) -> str:
    """Wait for a response (number) or a request (name)."""
    kind = "response" if isinstance(what, int) else "request"
    return f'<recv {kind}="{what}"{" optional=&quot;true&quot;" if optional else ""}{" auth=&quot;true&quot;" if auth else ""}/>\n'.replace(
        "&quot;", '"'
    )


def pause(milliseconds: int) -> str:
    """Do nothing for a while."""
    return f'<pause milliseconds="{milliseconds}"/>\n'


def play(path: Path) -> str:
    """Send the RTP of a capture from the media port."""
    return f'<nop><action><exec play_pcap_audio="{path}"/></action></nop>\n'


def scenario(*steps: str) -> str:
    """The XML of a scenario."""
    return '<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="x">\n' + "".join(steps) + "</scenario>\n"
