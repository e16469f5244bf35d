"""A share link as a QR code, for posters, slides and the phone beside the screen (ISO/IEC 18004).

Dark on white with the quiet zone of four modules as part of the picture, so that it can be read on a dark page too.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from io import BytesIO

from flask import Response, request

MEDIA_TYPES = {"/qr.svg": "image/svg+xml", "/qr.png": "image/png"}
QUIET_ZONE = 4  # modules
PIXELS = 16  # of the PNG for each module: sharp when printed at the width of a hand
MAX_AGE = 86_400  # seconds; the code of an article hardly ever changes


def ending_of(path: str) -> str:
    """ "/qr.svg" or "/qr.png" when the path asks for a QR code, else ""."""
    return next((ending for ending in MEDIA_TYPES if path.endswith(ending)), "")


def answer(address: str, ending: str) -> Response:
    """The picture of an absolute address."""
    body = picture(address, ending)
    response = Response(body, content_type=MEDIA_TYPES[ending])
    response.headers["Cache-Control"] = f"public, max-age={MAX_AGE}"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Content-Security-Policy"] = "default-src 'none'"
    response.set_etag(blake2b(body, digest_size=12).hexdigest())
    response.make_conditional(request)
    return response


@lru_cache(maxsize=256)  # some milliseconds each, and a page that is read is asked for again
def picture(address: str, ending: str) -> bytes:
    """SVG without a size of its own, or PNG. Error correction M at least, more where it costs no larger code."""
    import segno  # only those who ask for codes pay for it

    code = segno.make_qr(address, error="m")
    out = BytesIO()
    if ending == "/qr.svg":
        code.save(
            out, kind="svg", border=QUIET_ZONE, dark="#000", light="#fff", omitsize=True, svgclass=None, lineclass=None
        )
    else:
        code.save(out, kind="png", scale=PIXELS, border=QUIET_ZONE, dark="#000", light="#fff")
    return out.getvalue()
