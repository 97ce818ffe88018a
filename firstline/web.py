"""The web application: customer page, channels, console, REST API and health, put together."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from starlette.routing import Router

from channels.contract import Webhook
from channels.web.channel import WebChannel
from desk.api import bodies, description, problems
from desk.api.internal import internal_api
from desk.api.v1 import add_rest_api
from desk.brake import Brake
from desk.console.app import console
from firstline.channel_settings import installed_channels
from firstline.health import health_routes
from firstline.mail import mailer
from firstline.product import Product


def web_app(product: Product) -> FastAPI:
    """The ASGI application of `product`."""
    settings, database, now = product.settings, product.database, product.now
    session = timedelta(hours=settings.session_hours)
    brake = Brake()
    # The pages of the API's documentation bring their scripts along: they work without the internet.
    app = FastAPIOffline(
        title="Firstline",
        description="Tickets, conversations and customers of the desk, for other programs.",
        openapi_tags=description.TAGS,
        docs_url="/api/docs",
        redoc_url=None,
        openapi_url="/api/openapi.json",
        static_url="/api/docs-static",
    )
    problems.install(app)
    description.install(app)
    app.add_middleware(bodies.Bodies, prefixes=("/api/", "/internal/"))
    app.include_router(health_routes(product))
    add_rest_api(app, database, now, session=session, brake=brake, catalogue=product.catalogue)
    app.include_router(internal_api(database, settings.internal_token.get_secret_value(), now), include_in_schema=False)
    app.mount(
        "/desk",
        console(
            database,
            product.live,
            now,
            session=session,
            secure_cookie=settings.public_url.startswith("https:"),
            max_file=settings.max_file,
            catalogue=product.catalogue,
            brake=brake,
            mailer=mailer(settings),
            public_url=settings.public_url,
            channels=installed_channels(settings),
            slack=product.slack,
        ),
    )
    for channel in product.channels:
        if isinstance(channel, Webhook) and (router := channel.routes(product.log)) is not None:
            app.mount(f"/channels/{channel.kind}", cast(Router, router))
        if isinstance(channel, WebChannel):
            app.add_route("/", channel.page, include_in_schema=False)
    return app
