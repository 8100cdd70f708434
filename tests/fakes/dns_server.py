"""A DNS server on a real UDP socket, with a zone of the test's making."""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass, field

import dns.asyncresolver
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset


@dataclass
class DnsServer:
    """`zone`: ("name", "TYPE") to records as in a zone file. `asked` has every question, in order;
    with `silent` none is answered. A context manager."""

    zone: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    ttl: int = 300
    silent: bool = False
    asked: list[tuple[str, str]] = field(default_factory=list)

    def __enter__(self) -> DnsServer:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        stop = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        stop.sendto(b"", ("127.0.0.1", self.port))
        stop.close()
        self._thread.join(5)
        self._socket.close()

    def resolver(self) -> dns.asyncresolver.Resolver:
        """A resolver that asks this server and no other."""
        resolver = dns.asyncresolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], self.port
        return resolver

    def _serve(self) -> None:
        while True:
            data, client = self._socket.recvfrom(4096)
            if not data:
                return
            query = dns.message.from_wire(data)
            name = query.question[0].name.to_text(omit_final_dot=True).lower()
            kind = dns.rdatatype.to_text(query.question[0].rdtype)
            self.asked.append((name, kind))
            if not self.silent:
                self._socket.sendto(self._answer(query, name, kind).to_wire(), client)

    def _answer(self, query: dns.message.Message, name: str, kind: str) -> dns.message.Message:
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.AA | dns.flags.RA
        if records := self.zone.get((name, kind)):
            answer.answer.append(dns.rrset.from_text(f"{name}.", self.ttl, "IN", kind, *records))
        elif not any(known == name for known, _ in self.zone):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer
