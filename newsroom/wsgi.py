import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsroom.settings")
os.environ.setdefault("STATEMENT_TIMEOUT", "5s")
os.environ.setdefault("LOCK_TIMEOUT", "3s")
application = get_wsgi_application()
