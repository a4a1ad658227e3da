"""The script that draws charts anew in a browser, for those who point at one."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from fieldops.web.charts import vega_bundle
from inventory.kernel.routes import PUBLIC

router = APIRouter(include_in_schema=False)
_KEPT_S = 24 * 3600


@router.get("/charts/vega.js", dependencies=[PUBLIC])
def vega() -> Response:
    """Return Vega with its embedding, made from the library that also draws on the server."""
    headers = {"Content-Encoding": "gzip", "Cache-Control": f"private, max-age={_KEPT_S}"}
    return Response(vega_bundle(), media_type="text/javascript", headers=headers)
