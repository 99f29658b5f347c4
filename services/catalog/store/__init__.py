"""The catalogue's database; nothing else in the project imports SQLAlchemy.

    schema            the tables
    database          engine, threads, transactions, migration
    revisions         the one sequence of changes
    products          products, GTINs, tombstones
    reference_images  which picture belongs to which product; which blobs are unused
    offers            stores, stock, prices
    changes           the change log, a page at a time

The modules other than ``database`` are functions over an open connection, so that one
transaction can span several of them. The same statements run on SQLite and PostgreSQL.
"""
