"""Bare Flask and mongoengine: everything in process, served by the gateway's own gunicorn configuration."""

import os

from flask import Flask, jsonify, request

from benchmarks.peers import kept
from contracts import documents, workplan


def create_app() -> Flask:
    """Two questions and an order."""
    kept.connect(os.environ["MONGO_URI"])
    app = Flask(__name__)
    plan, board = workplan.GetPlan.answer(), documents.Clearance.answer()

    @app.get("/health/ready")
    def ready():
        return "ok\n"

    @app.get("/workplans/<int:year>")
    def get_plan(year):
        return jsonify(plan.dump(kept.plan(year)))

    @app.get("/documents/<paper>/clearance")
    def clearance(paper):
        return jsonify(board.dump(kept.board(paper)))

    @app.post("/documents/<paper>/comments")
    def comment(paper):
        return jsonify(kept.comment(paper, request.get_json())), 201

    return app
