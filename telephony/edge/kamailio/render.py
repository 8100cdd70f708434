"""kamailio.cfg, tls.cfg and the tables, from the settings and what is in the database."""

from __future__ import annotations

import os
import re
import ssl
import subprocess
from pathlib import Path

from telephony.edge.kamailio.config import EdgeConfig, Listen
from telephony.edge.kamailio.content import EdgeContent
from telephony.edge.kamailio.tables import MAX_SUBNETS, tables

TEMPLATES = Path(__file__).with_name("templates")
CONFIG = "kamailio.cfg"
TLS_CONFIG = "tls.cfg"
CHECK_LIMIT_S = 30
_PLACE = re.compile(r"%%([A-Z_]+)%%")


# As `media_workers.runtime.locate.public_only`, which asks where there is no edge.
_INSIDE = (
    "^("
    "(0|10|127)[.]|169[.]254[.]|172[.](1[6-9]|2[0-9]|3[01])[.]|192[.]168[.]|192[.]0[.][02][.]|"
    "100[.](6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])[.]|198[.]1[89][.]|198[.]51[.]100[.]|203[.]0[.]113[.]|"
    "2(2[4-9]|[345][0-9])[.]|"
    "[[]?(::|f[cdef]|0*:0*:|64:ff9b:|2001:0*db8:|0:0:)"
    ")"
)
_INSIDE_TEST = f"""
    if ($var(place) =~ "{_INSIDE}" && !allow_address("3", "$sndto(ip)", "$sndto(port)")) {{
        setflag(FLT_REFUSED);
        drop;
    }}"""


class EdgeRefused(Exception):
    """Kamailio does not take the configuration; the text is what it said."""


def render(config: EdgeConfig, content: EdgeContent) -> dict[str, str]:
    """Every file of the edge by its name inside the folder."""
    files = {CONFIG: _main(config), **tables(content, _sockets(config))}
    if _has_tls(config):
        files[TLS_CONFIG] = _tls(config)
    return files


def write(folder: Path, files: dict[str, str]) -> list[str]:
    """Writes those that differ, each in one step and for our eyes only; their names."""
    changed = []
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        _replace(path, text)
        changed.append(name)
    return changed


def _replace(path: Path, text: str) -> None:
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    if path.exists():
        # db_text reads a table again when its file is younger, in whole seconds.
        at = max(draft.stat().st_mtime, path.stat().st_mtime + 1)
        os.utime(draft, (at, at))
    draft.replace(path)


def check(folder: Path) -> None:
    """Has Kamailio read the configuration in `folder`. Raises EdgeRefused."""
    command = ["kamailio", "-c", "-f", str(folder / CONFIG), "-Y", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=CHECK_LIMIT_S, check=False)
    except FileNotFoundError:
        raise EdgeRefused(
            "There is no kamailio on this machine (Debian: kamailio, kamailio-tls-modules)."
        ) from None
    except subprocess.TimeoutExpired:
        raise EdgeRefused(f"kamailio -c did not end within {CHECK_LIMIT_S} s.") from None
    if done.returncode:
        raise EdgeRefused(_complaints(done.stderr))


def _complaints(log: str) -> str:
    lines = [line for line in log.splitlines() if "ERROR" in line or "CRITICAL" in line]
    return "\n".join(lines[:10] or log.splitlines()[-5:])


def _main(config: EdgeConfig) -> str:
    text = "".join((TEMPLATES / name).read_text(encoding="utf-8") for name in ("modules.cfg", "routes.cfg"))
    values = _values(config)
    return _PLACE.sub(lambda place: values[place[1]], text)


def _values(config: EdgeConfig) -> dict[str, str]:
    tls = _has_tls(config)
    node = config.node_listen
    return {
        "FOLDER": str(config.folder),
        "WORKERS": str(config.workers),
        "LISTEN": "\n".join(_listen(socket, config) for socket in _sockets(config)),
        "ALIASES": "\n".join(f'alias="{name}"' for name in _aliases(config)),
        "TLS_CORE": "enable_tls=yes\ntls_max_connections=2048" if tls else "",
        "TLS_MODULE": 'loadmodule "tls.so"' if tls else "",
        "TLS_PARAMETERS": f'modparam("tls", "config", "{config.folder}/{TLS_CONFIG}")' if tls else "",
        "FLOOD_REQUESTS": str(config.flood_requests),
        "SOURCE_CPS": str(config.source_cps),
        "MAX_SUBNETS": str(MAX_SUBNETS),
        "AUTH_SECRET": config.auth_secret,
        "MASK_KEY": config.mask_key,
        "MASK_ADDRESS": config.mask_address,
        "DIGEST_ALGORITHM": config.digest_algorithm,
        "SIP_DOMAIN": config.sip_domain,
        "SIP_DOMAIN_RE": re.escape(config.sip_domain).replace("\\-", "-").replace("\\.", "[.]"),
        "DISPATCHER_SOCKET": f'modparam("dispatcher", "ds_default_socket", "{config.for_nodes}")',
        "NODE_SOCKET_TEST": f' && $Rp == {node.port} && $Ri == "{node.address}"' if node else "",
        "PUBLIC_SOCKET": _public_socket(config),
        "LINE_SILENCE_MS": str(config.line_silence_ms),
        "OWN_PLACES_RE": _own_places(config),
        "INSIDE_TEST": "" if config.allow_private else _INSIDE_TEST,
    }


def _sockets(config: EdgeConfig) -> list[Listen]:
    """The node socket last: what goes to strangers leaves by the others."""
    return [*config.listen, *([config.node_listen] if config.node_listen else [])]


def _listen(socket: Listen, config: EdgeConfig) -> str:
    public = config.public_address
    advertise = f" advertise {public}:{socket.port}" if public and socket is not config.node_listen else ""
    return f"listen={socket}{advertise}"


def _public_socket(config: EdgeConfig) -> str:
    """Chooses the sending socket by the next hop's address family; nothing when all share one."""
    if config.node_listen is None:
        return ""
    udp = [socket for socket in config.listen if socket.transport == "udp"]
    four = next((socket for socket in udp if socket.address.version == 4), None)
    six = next((socket for socket in udp if socket.address.version == 6), None)
    lines = [f'if ($rd =~ ":") $fs = "{six}";'] if six else []
    lines += [f'if (!($rd =~ ":")) $fs = "{four}";'] if four else []
    return "\n    ".join(lines)


def _own_places(config: EdgeConfig) -> str:
    """A regular expression of address:port where we are reached, ourselves or by the public address."""
    hosts = {(str(socket.address), socket.port) for socket in _sockets(config)}
    if config.public_address:
        hosts |= {(config.public_address, socket.port) for socket in config.listen}
    places = [f"[[]?{host.replace('.', '[.]')}[]]?:{port}" for host, port in sorted(hosts)]
    return f"^({'|'.join(places)})$"


def _aliases(config: EdgeConfig) -> list[str]:
    """What `uri == myself` means beside the sockets."""
    return [config.sip_domain, *([config.public_address] if config.public_address else [])]


def _has_tls(config: EdgeConfig) -> bool:
    return any(socket.transport == "tls" for socket in config.listen)


def _tls(config: EdgeConfig) -> str:
    ca = config.tls_ca or ssl.get_default_verify_paths().cafile or "/etc/ssl/certs/ca-certificates.crt"
    return (
        "[server:default]\nmethod = TLSv1.2+\nverify_certificate = no\nrequire_certificate = no\n"
        f"certificate = {config.tls_certificate}\nprivate_key = {config.tls_key}\n\n"
        "[client:default]\nmethod = TLSv1.2+\nverify_certificate = yes\nrequire_certificate = yes\n"
        f"verify_depth = 5\nca_list = {ca}\n"
    )
