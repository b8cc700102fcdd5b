"""``python -m sia.cli``, and ``.venv/bin/sia``."""

from sia.cli.commands import app
from sia.cli.plain_errors import close_to_other_users

if __name__ == "__main__":
    close_to_other_users()
    app(prog_name="sia")
