"""The application for a WSGI server: ``gunicorn -c gateway/gunicorn.conf.py gateway.wsgi:app``."""

import sys

from gateway.app import create_app
from gateway.settings import Settings
from messaging.logs import write_logs
from messaging.settings import SettingsError

try:
    settings = Settings.from_environ()
except SettingsError as error:
    sys.exit(f"icat: {error}")
write_logs(settings.log_level)
app = create_app(settings)
