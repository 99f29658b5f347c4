"""The commands of the catalogue: ``vitrine import | stock | stores | catalog``.

Each takes its client from ``context.obj.catalog()``: of the running service, or of the
same service embedded for this call. Results go to stdout, everything else to stderr.

    feed      import
    places    stock, stores
    products  catalog list | show | delete | status
"""

from services.catalog.commands.feed import app as _feed
from services.catalog.commands.feed import load_folder
from services.catalog.commands.places import stock_app, stores_app
from services.catalog.commands.products import catalog_app

__all__ = ["app", "load_folder"]

app = _feed
app.add_typer(stock_app, name="stock")
app.add_typer(stores_app, name="stores")
app.add_typer(catalog_app, name="catalog")
