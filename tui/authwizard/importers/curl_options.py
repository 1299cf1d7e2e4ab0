"""Which options does curl know, which of them take a value, and which change what is sent? (curl 7.88 and 8.x, its manual page)"""

from __future__ import annotations

import re
from collections.abc import Mapping

from authwizard.model.frozen import dataclass


@dataclass(frozen=True)
class Option:
    """One option. `does` names what it changes in the request ("" = nothing of what an API sees)."""

    long: str
    short: str = ""
    value: bool = False
    does: str = ""


_CHANGES = """
X request= method | H header= header | d data= data | data-ascii= data | data-raw= data_raw | data-binary= data_binary
data-urlencode= data_urlencode | json= json | F form= form | form-string= form_string | G get get | I head head | T upload-file= upload
u user= user | oauth2-bearer= bearer | basic basic | digest digest | ntlm ntlm | ntlm-wb ntlm | negotiate negotiate | anyauth anyauth
A user-agent= agent | e referer= referer | b cookie= cookie | url= url | url-query= query | x proxy= proxy | preproxy= preproxy
k insecure insecure | compressed compressed | http2 http2 | 0 http1.0 http1
http1.1 http1 | r range= range | C continue-at= resume | z time-cond= condition | tr-encoding te
g globoff globoff | path-as-is as_is | n netrc netrc | netrc-optional netrc | netrc-file= netrc_file | E cert= cert | key= key | cert-type= cert_form
request-target= target | proto-default= scheme | etag-compare= etag | aws-sigv4= sigv4 | K config= config | : next next
haproxy-protocol proxy_line | form-escape form_escape | crlf crlf | variable= variable | httpsig-algo= signature | httpsig-headers= signature
httpsig-key= signature | httpsig-keyid= signature
"""
"""Options that change what is sent: [short] long[=] action; `=` marks one that takes a value."""
_VALUED = """
abstract-unix-socket alt-svc cacert capath ciphers connect-timeout connect-to c:cookie-jar create-file-mode crlfile curves delegation
dns-interface dns-ipv4-addr dns-ipv6-addr dns-servers doh-url D:dump-header ech egd-file engine etag-save expect100-timeout
ftp-account ftp-alternative-to-user ftp-method P:ftp-port ftp-ssl-ccc-mode happy-eyeballs-timeout-ms haproxy-clientip h:help hostpubmd5
hostpubsha256 hsts interface ip-tos ipfs-gateway keepalive-cnt keepalive-time key-type knownhosts krb libcurl limit-rate local-port login-options
mail-auth mail-from mail-rcpt max-filesize max-redirs m:max-time noproxy o:output output-dir parallel-max parallel-max-host pass pinnedpubkey
proto proto-redir proxy-cacert proxy-capath proxy-cert proxy-cert-type proxy-ciphers proxy-crlfile proxy-header proxy-key proxy-key-type
proxy-pass proxy-pinnedpubkey proxy-service-name proxy-tls13-ciphers proxy-tlsauthtype proxy-tlspassword proxy-tlsuser U:proxy-user proxy1.0
pubkey Q:quote random-file rate resolve retry retry-delay retry-max-time sasl-authzid service-name sigalgs signature-algorithms socks4 socks4a
socks5 socks5-gssapi-service socks5-hostname Y:speed-limit y:speed-time ssl-sessions stderr t:telnet-option tftp-blksize tls-max
tls13-ciphers tlsauthtype tlspassword tlsuser trace trace-ascii trace-config unix-socket upload-flags vlan-priority w:write-out
"""
"""Options with a value that change nothing of what an API sees."""
_PLAIN = """
a:append ca-native cert-status compressed-ssh create-dirs q:disable disable-eprt disable-epsv disallow-username-in-url doh-cert-status
doh-insecure f:fail fail-early fail-with-body false-start follow dump-ca-embed ftp-create-dirs ftp-pasv ftp-pret ftp-skip-pasv-ip ftp-ssl-ccc
ftp-ssl-control http0.9 http2-prior-knowledge http3 http3-only ignore-content-length i:include 4:ipv4
6:ipv6 j:junk-session-cookies l:list-only L:location location-trusted mail-rcpt-allowfails M:manual metalink mptcp alpn N:buffer clobber
keepalive npn progress-meter sessionid out-null Z:parallel parallel-immediate post301 post302 post303 #:progress-bar proxy-anyauth
proxy-basic proxy-ca-native proxy-digest proxy-http2 proxy-http3 proxy-insecure proxy-negotiate proxy-ntlm proxy-ssl-allow-beast
proxy-ssl-auto-client-cert proxy-tlsv1 p:proxytunnel raw J:remote-header-name O:remote-name remote-name-all R:remote-time remove-on-error
retry-all-errors retry-connrefused sasl-ir S:show-error show-headers s:silent skip-existing socks5-basic socks5-gssapi socks5-gssapi-nec ssl
ssl-allow-beast ssl-auto-client-cert ssl-no-revoke ssl-reqd ssl-revoke-best-effort 2:sslv2 3:sslv3 styled-output suppress-connect-headers
tcp-fastopen tcp-nodelay tftp-no-options tls-earlydata 1:tlsv1 tlsv1.0 tlsv1.1 tlsv1.2 tlsv1.3 trace-ids trace-time B:use-ascii v:verbose
V:version xattr
"""
"""Options without a value that change nothing of what an API sees. Those curl turns off with `--no-` stand by their plain name."""
_LATER = """
ca-native dump-ca-embed ech follow haproxy-clientip httpsig-algo httpsig-headers httpsig-key httpsig-keyid ip-tos ipfs-gateway
keepalive-cnt knownhosts mptcp out-null parallel-max-host proxy-ca-native proxy-http2 proxy-http3 show-headers sigalgs
signature-algorithms skip-existing ssl-sessions tls-earlydata trace-config trace-ids upload-flags variable vlan-priority
"""
"""Options that came after curl 7.88: where a shortened name may mean one of them or an older one, the older one was meant."""
_SHORT_OF_NO = {"N": "buffer"}
"""Short options that are a plain option's opposite."""


def _changes() -> list[Option]:
    made = []
    for entry in _CHANGES.replace("\n", " | ").split("|"):
        words = entry.split()
        if words:
            *short, long, does = words
            made.append(Option(long.rstrip("="), short[0] if short else "", long.endswith("="), does))
    return made


def _others(text: str, *, value: bool) -> list[Option]:
    parted = (word.rpartition(":") for word in text.split())
    return [Option(long, short, value) for short, _, long in parted]


_ALL = (*_changes(), *_others(_VALUED, value=True), *_others(_PLAIN, value=False))
LONG: Mapping[str, Option] = {option.long: option for option in _ALL}
SHORT: Mapping[str, Option] = {option.short: option for option in _ALL if option.short}


def named(name: str) -> str:
    """Write a long option for a sentence: what follows a name in the same word, where a quote was put wrongly, may be a secret."""
    return f"--{re.split('[^A-Za-z0-9.-]', name, maxsplit=1)[0][:40]}"


def long_option(name: str) -> tuple[Option, bool]:
    """Return the option of a long name (without its dashes), and whether `--no-` turns it off.

    curl takes any beginning of a name that no other option shares. Raises ValueError where it knows none, or more than one.
    """
    if name.startswith("expand-"):
        return Option(name, value=True, does="expand"), False
    for text, off in ((name, False), *(((name[3:], True),) if name.startswith("no-") else ())):
        if text in LONG:
            return LONG[text], off
        near = [option for long, option in LONG.items() if text and long.startswith(text)]
        older = [option for option in near if option.long not in _LATER.split()]
        near = older if len(older) == 1 else near
        if len(near) == 1:
            return near[0], off
        if near and not name.startswith("no-"):
            raise ValueError(f"The curl option {named(name)} is ambiguous: it may mean {' or '.join('--' + o.long for o in near[:3])}.")
    raise ValueError(f"The curl option {named(name)} is not understood here; leave it out if it does not change what is sent.")
