"""Tables and all SQL. Nothing else in the product imports SQLAlchemy."""
