"""The HTTP and WebSocket door: REST, live frames, change feed and the web pages.

It holds no logic of its own: every answer is one of the contracts
(``protos/vitrine/v1``) in protobuf's JSON mapping, with the contract's field names:
int64 as text, bytes as base64, enums by name, times as RFC 3339. Fields without
presence are always there (``[]``, ``""``, ``0``); absent messages are left out.
``GET /v1/openapi.json`` says all this to programs, ``/docs`` to people.

REST. Query parameters that may come several times are marked ``*``::

    GET  /v1/products?query=&category=*&try_on=&try_on_kind=*&page_size=&page_token=
                                                                 ListProductsResponse
    GET  /v1/products/{sku}                                      Product, or 404
    GET  /v1/products:batchGet?sku=*                             BatchGetProductsResponse
    GET  /v1/lookup/{code}?store=&channel=&alternatives=         LookupAnswer
    GET  /v1/lookup?code=...                                     the same, for any code
    POST /v1/lookup:batch {"codes": [], "store": "", "channel": ""}   {"answers": [LookupAnswer]}
    GET  /v1/offers?sku=*&store=&channel=                        GetOffersResponse
    GET  /v1/availability?sku=*&store=*&channel=*                GetOffersResponse: the stores
                                                                 (none = all) times channels
    GET  /v1/stores                                              ListStoresResponse
    GET  /v1/stores/{store}/stock?page_size=&page_token=         ListStockResponse
    GET  /v1/reference-images/{id}?max_side=                     the image's bytes, immutable
    GET  /v1/catalog-status                                      GetCatalogStatusResponse
    GET  /v1/index-status                                        GetIndexStatusResponse
    GET  /v1/import            {"allowed": true, "reason": "", "max_bytes": "134217728",
                                "content_types": []}
    POST /v1/import?store=&currency=&file_name=   feed body      ImportFeedResponse, a line each
    GET  /v1/search?text=&sku=&top_k=&store=&channel=&category=*&brand=*&in_stock=
                   &shopper=&explain=&keep_variants=&min_revision=    SearchResponse
    POST /v1/search     image body, same parameters              SearchResponse
    POST /v1/scan?store=&channel=&max_items=&codes_only=   image body  ScanImageResponse
    POST /v1/tryon:place?sku=*&mirrored=&screen_mesh=&reference_card=&hands=
                                                image body       PlaceProductsResponse
    POST /v1/tryon:render  as place; &mime_type=                 RenderTryOnResponse as JSON, or
                                                the picture itself with Accept: image/*
    GET  /v1/tryon/textures/{sku}/{texture_id}                   what a screen mesh is drawn with:
                                                                 PNG or WebP bytes, immutable
    POST /v1/consent           {"scopes": ["CONSENT_SCOPE_POSE"]}  GrantConsentResponse
    POST /v1/consent:withdraw  {"shopper_id": "", "scopes": []}  WithdrawConsentResponse
    GET  /v1/status            {"services": [{"name", "state": "serving" | "not_serving"}],
                                "catalog": GetCatalogStatusResponse | null,
                                "index": GetIndexStatusResponse | null}
    GET  /v1/samples           {"samples": [{"name", "url", "mime_type"}]}: to try without a
                                                                             camera
    GET  /v1/openapi.json      OpenAPI 3.1
    GET  /healthz, /readyz     {"status": "ok"}; readyz is 503 until the catalogue serves

``LookupAnswer`` is LookupCodeResponse (``kind``, ``gtin``, ``product``,
``application_identifiers``, ``problem``) with ``code``, ``offer`` (Offer, when there is a
product), ``alternatives`` (SearchResult, what looks like it) and ``degraded`` (services
that did not answer). A code that names nothing is a 200 without ``product``.

An *image body* is one of: the file itself as ``image/jpeg``, ``image/png``,
``image/webp`` or ``application/octet-stream``, options in the query;
``multipart/form-data`` with the file as ``image`` and, if wanted, the contract's request
as JSON in ``request``; ``application/json``, the contract's whole request, the image in
base64. Try-on wants ``Authorization: Bearer CONSENT_TOKEN`` (or ``consent_token`` in the
request). At most 8 MiB of image.

A *feed body* is a product feed of any format that ``vitrine import`` reads (told by what it
holds, not by its type): the file itself as ``text/tab-separated-values``, ``text/csv``,
``application/xml``, ``application/x-ndjson``, ``text/plain`` or
``application/octet-stream``, or as ``feed`` in ``multipart/form-data``. The answer is
``application/x-ndjson``, a line as soon as there is news: ``{"progress": {"bytes_read",
"bytes_total", "rows_read", "products", "images", "rejected"}}``, ``{"rejection": {"line",
"sku", "reason", "message"}}``, ``{"warning": {"line", "message"}}``, and last ``{"result":
{"products", "images", "rejected", "revision"}}`` or ``{"problem": {...}}``; numbers are text.
This is all that can be written here, so ``VITRINE_GATEWAY_IMPORT`` says who may: ``local``
(the default: who asks for a loopback address of this machine, no proxy between), ``on`` or
``off``; anybody else gets 403 with IMPORT_OFF. What was imported before a caller went away
stays; the same feed sent again completes it.

Whether a product is searchable as it is: its ``revision`` is at most ``applied_revision`` of
``/v1/index-status``, and ``problems`` there does not name it.

Pictures for lists: ``max_side=160``, ``320`` or ``640`` with a reference image, or with a
picture or a motion JPEG of ``/samples/{name}``, gives a copy as JPEG (of a clip, its first
picture) whose longer side is at most that.

Errors are ``application/problem+json`` (RFC 9457)::

    {"type": "about:blank", "title": "Unprocessable Content", "status": 422,
     "detail": "sentence", "reason": "IMAGE_TRUNCATED", "request_id": "...",
     "violations": [{"field", "description"}], "retry_after_ms": 250}

400 unreadable JSON or multipart, 403 no consent, a foreign origin or an import that is
off, 404, 405, 408 a body that comes too slowly, 409 not possible as things stand
(TRY_ON_ASSET_MISSING, INDEX_BEHIND), 413, 415, 422 a field or an image is wrong, 429 come
back after ``Retry-After``, 503 a service or model is not there, 504 it took too long.

Change feed, ``GET /v1/changes?since_revision=&catalog_id=`` (server-sent events): events
``product`` (data: Product), ``deleted`` (data: ``{"sku"}``), ``caught_up`` (data:
``{"revision", "catalog_id"}``). A browser's EventSource resumes by itself, with
``Last-Event-ID``; 422 with REVISION_FROM_FUTURE or CATALOG_CHANGED says that the catalogue
is another one: start again without.

Live frames, WebSocket ``/v1/scan`` and ``/v1/tryon``. First a text message: ScanOptions,
for try-on TrackProductsConfig, as JSON; it may come again to change them. Then binary
messages: 4 bytes big-endian length of a header, the header as JSON
``{"seq": 1, "capture_time_us": 123}`` (numbers that grow), the picture's bytes. Each
answer is a text message ``{"answer": ScanStreamResponse}`` or
``{"answer": TrackProductsResponse}`` and carries the frame's ``seq``: it acknowledges
that frame and all before it. Numbers of 64 bits are text: ``"seq": "7"``. Two frames are
worked on at a time; a newer frame replaces one that waits, which ``frames_dropped`` counts,
so three on the way keep a stream busy. Trouble is ``{"problem": {...}}`` and a close: 1007
a message that cannot be read, 1008 refused (consent, options), 1011 our fault, 1013 come
back later; a socket that says nothing for two minutes is closed with SOCKET_IDLE.

Pages: files under ``pages/`` are served at their path; ``/scan`` is ``pages/scan.html``
and ``/`` is ``pages/index.html``. ``Content-Security-Policy`` allows nothing inline and
nothing from elsewhere: scripts and styles are files of their own.

There are more files than in other services because HTTP is many small things, each alone:
``operations`` is the table of REST, ``answers`` answers it, ``lookup`` joins several RPCs,
``transcoding`` and ``json_mapping`` turn parameters and JSON into messages and back,
``bodies`` reads uploads, ``problems`` tells errors, ``door`` and ``connections`` are what
every request passes, ``live`` is what stays open, ``openapi`` the document, ``pages`` the
static files, ``previews`` the small copies of pictures.
"""
