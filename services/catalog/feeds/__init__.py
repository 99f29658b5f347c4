"""A retailer's feed, read row by row: a file in, products or reasons out.

    detect              which format a file has, by its content
    lines               lines of any encoding and any length, a line at a time
    tables              records of tab- and comma-separated files
    fields              prices, lengths, categories as feeds write them
    rows                what a reader yields
    google, google_xml  Google Merchant feed, tab-separated or RSS/Atom
    shopify             Shopify product export
    jsonl               one JSON object a line
    try_on              try-on assets, in columns or in a file beside the feed
    paths               paths that a feed names
    stock_files         stock and stores, as comma-separated files

Nothing here holds more than one row. A row that is wrong is yielded as a ``RowRejected``;
a file that is no feed at all raises ``InvalidInput`` before anything is imported.
"""
