"""What does `curl -v` show of a request that somebody's own program sent, and of the answer it got?"""

from __future__ import annotations

from urllib.parse import urlsplit

from authwizard.demo.http_message import Request, Response, reason_phrase


def curl_verbose(base_url: str, request: Request, response: Response) -> str:
    """Return the text of `curl -v`: the request's lines behind `>`, the answer's behind `<`, the body at the end."""
    address = urlsplit(base_url)
    lines = [
        f"*   Trying {address.hostname}:{address.port}...",
        f"* Connected to {address.hostname} ({address.hostname}) port {address.port}",
        f"> {request.method} {request.target} HTTP/1.1",
        *(f"> {name}: {value}" for name, value in request.headers),
        ">",
        f"< HTTP/1.1 {response.status} {reason_phrase(response.status)}",
        *(f"< {name}: {value}" for name, value in response.headers),
        "<",
        response.body.decode("utf-8"),
        f"* Connection #0 to host {address.hostname} left intact",
    ]
    return "\n".join(lines) + "\n"
