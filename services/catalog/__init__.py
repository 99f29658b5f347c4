"""The catalogue: the one source of truth about what the shop sells.

In: products, reference images, stores, stock and prices, over gRPC or from a feed.
Out: products by SKU or by any code that a scanner reads, offers ("what does it cost
and is it here"), and the change log that everything else follows.

A change to a product or its images takes the next revision of one gap-free sequence.
Stock and prices take none: they are read when an answer is given.

    products, product_rules    what a product is, and what makes one wrong
    offers                     stores, stock, prices; which price holds
    codes                      GTIN, UPC-E, SKU, GS1 element strings, Digital Link
    images                     the bytes of the reference images: disk or any fsspec URL
    catalogue, product_writes  operations on products; what is committed together
    offer_book                 operations on stores, stock and prices
    batches, watching          streams in, the change log out
    store/, migrations/        SQLite and PostgreSQL
    service, *messages, paging the gRPC adapter and its conversions
    feeds/                     a retailer's feed of any format, row by row
    importer, importing/       a feed into a running catalogue, from a file or as it is sent
    commands/                  `vitrine import | stock | stores | catalog`

Errors: InvalidInput with the field, NotFound for an unknown store or SKU, Unavailable
when the database does not answer. In a stream, a wrong item is rejected by itself.
"""
