"""nginx in front of an API, configured as people do who lose, keep or replace the Authorization header."""

from __future__ import annotations

import os
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from .launch import Launcher, free_ports, require_programs

HOPS = {
    "plain": "location / { proxy_pass @api@; }",
    # proxy_set_header with an empty value removes the field.
    "strips": 'location / { proxy_pass @api@; proxy_set_header Authorization ""; }',
    "strips from token requests": 'location / { proxy_pass @issuer@; proxy_set_header Authorization ""; }',
    "replaces": 'location / { proxy_pass @api@; proxy_set_header Authorization "Bearer plainly-fake-platform-token"; }',
    "wants a capital B": "location / { proxy_pass @api@; proxy_set_header Authorization $bearer_only; }",
    "redirects elsewhere": "location / { return 307 @api@$request_uri; }",
    "redirects to itself": "location = /v2/me { return 308 /v3/me; } location = /v3/me { proxy_pass @api@/v2/me; }",
    "caches a 401": "location / { proxy_pass @api@; proxy_cache answers; proxy_cache_valid 401 10m; add_header X-Cache $upstream_cache_status always; }",
    "caches a 401 unseen": "location / { proxy_pass @api@; proxy_cache answers; proxy_cache_valid 401 10m; }",
    "asks for Basic": 'location / { auth_basic "Restricted"; auth_basic_user_file @folder@/htpasswd; proxy_pass @api@; }',
    "drops underscores": "location / { proxy_pass @key@; }",
    "keeps underscores": "underscores_in_headers on; location / { proxy_pass @key@; }",
    "takes short headers": "client_header_buffer_size 512; large_client_header_buffers 2 1k; location / { proxy_pass @api@; }",
    "denies everyone": "location / { deny all; }",
    "has lost its API": "location / { proxy_pass http://127.0.0.1:@closed@; }",
}
"""What each server block does, by name."""
FRAME = """
daemon off; worker_processes 1; {user} pid {folder}/nginx.pid; error_log {folder}/nginx-error.log;
events {{ worker_connections 128; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  proxy_cache_path {folder}/cache keys_zone=answers:1m; proxy_cache_key $scheme$host$server_port$request_uri;
  map $http_authorization $bearer_only {{ "~^Bearer " $http_authorization; default ""; }}
{servers}
}}
"""


def start_nginx(launcher: Launcher, folder: Path, api: str, key: str, issuer: str) -> dict[str, str]:
    """Start one nginx with all of them; return their addresses."""
    require_programs("nginx")
    *ports, closed = free_ports(len(HOPS) + 1)
    values = {"api": api, "key": key, "issuer": issuer, "folder": str(folder), "closed": str(closed)}
    servers = "\n".join(
        f"  server {{ listen 127.0.0.1:{port}; {_filled(text, values)} }}" for port, text in zip(ports, HOPS.values(), strict=True)
    )
    (folder / "htpasswd").write_text("somebody:{PLAIN}plainly-fake\n")
    configuration = folder / "nginx.conf"
    configuration.write_text(FRAME.format(folder=folder, servers=servers, user="user root;" if os.geteuid() == 0 else ""))
    launcher.listening(["nginx", "-c", str(configuration), "-p", str(folder)], ports)
    addresses = {name: f"http://127.0.0.1:{port}" for name, port in zip(HOPS, ports, strict=True)}
    for name in ("caches a 401", "caches a 401 unseen"):
        _refused(f"{addresses[name]}/v2/me")
    return addresses


def _filled(text: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text


def _refused(url: str) -> None:
    """Be refused once, so that the refusal is kept."""
    with pytest.raises(urllib.error.HTTPError, match="401") as refused:
        urllib.request.urlopen(url, timeout=20)
    refused.value.close()
