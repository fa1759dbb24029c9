"""SQL kept in files beside the code that calls it, run by a migration."""

from pathlib import Path

from alembic import op

API = Path(__file__).resolve().parent.parent


def run_scripts(*names: str) -> None:
    """Run SQL files, named from the api's root, inside the migration's transaction.

    The driver takes a script of many statements only directly; a statement through SQLAlchemy first makes sure that the
    transaction is open. That statement lets functions name others that a later file brings.
    """
    bind = op.get_bind()
    bind.exec_driver_sql("SET LOCAL check_function_bodies = off")
    for name in names:
        script = (API / name).read_text(encoding="utf-8")
        bind.connection.dbapi_connection.run_async(lambda driver, script=script: driver.execute(script))  # type: ignore[union-attr]
