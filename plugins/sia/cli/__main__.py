"""``python -m sia.cli``, and ``.venv/bin/sia``."""

from sia.cli.commands import app

if __name__ == "__main__":
    app(prog_name="sia")
