"""The request that is handed to moto is the one that moto would make itself."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st
from moto.core.request import Request

from pocketaws.gateway.moto_request import moto_request

_TEXT = st.text(st.characters(codec="latin-1", categories=["L", "N", "P"]), min_size=1, max_size=20)
_NAMES = st.sampled_from(
    ["Content-Type", "X-Amz-Target", "x-amz-meta-my_key", "Authorization", "Content-Length", "Host",
     "Transfer-Encoding", "X-Amz-Date"]
)  # fmt: skip


def _told(request: Request) -> dict[str, Any]:
    environ = {k: v for k, v in request.environ.items() if k not in {"wsgi.input", "wsgi.errors"}}
    environ.pop("werkzeug.request", None)
    return {
        "environ": environ,
        "data": request.get_data(),
        "url": request.raw_url,
        "path": request.path,
        "headers": sorted(request.headers.items()),
        "args": request.args.to_dict(flat=False),
    }


@given(
    method=st.sampled_from(["GET", "PUT", "POST", "HEAD"]),
    segments=st.lists(_TEXT, max_size=4),
    query=st.dictionaries(_TEXT, _TEXT, max_size=3),
    headers=st.dictionaries(_NAMES, st.from_regex(r"[!-~]{1,20}", fullmatch=True), max_size=6),
    body=st.binary(max_size=50),
    host=st.sampled_from(["127.0.0.1:4580", "s3.eu-west-1.amazonaws.com"]),
)
def test_it_is_the_request_that_moto_would_make(
    method: str,
    segments: list[str],
    query: dict[str, str],
    headers: dict[str, str],
    body: bytes,
    host: str,
) -> None:
    path = "/" + "/".join(quote(segment) for segment in segments)
    asked = "&".join(f"{quote(name)}={quote(value)}" for name, value in query.items())
    headers = {**headers, "Host": host}
    url = f"https://{host}{path}?{asked}" if asked else f"https://{host}{path}"
    theirs = _told(Request.from_primitives(method, url, headers, body))
    ours = _told(moto_request(method, "https", host, path, asked, headers.items(), body))
    assert ours == theirs
