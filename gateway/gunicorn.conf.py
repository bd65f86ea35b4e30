"""How gunicorn runs the gateway: real threads, since argon2 would block green ones, and a copy for each of two cores."""

bind = "127.0.0.1:8080"
worker_class = "gthread"
workers = 2
threads = 16
timeout = 60
graceful_timeout = 20
keepalive = 15
