"""A gateway as nameko's published examples write one: HTTP entrypoints, RPC proxies, a schema's dump as the response."""

import json

from nameko.rpc import RpcProxy
from nameko.web.handlers import http
from werkzeug import Response

from contracts import documents, workplan


class Gateway:
    name = "peer_gateway"

    workplan = RpcProxy("peer_workplan")
    documents = RpcProxy("peer_documents")

    @http("GET", "/health/ready")
    def ready(self, request):
        return "ok\n"

    @http("GET", "/workplans/<int:year>")
    def get_plan(self, request, year):
        plan = self.workplan.get_plan(year)
        return Response(workplan.GetPlan.answer().dumps(plan), mimetype="application/json")

    @http("GET", "/documents/<string:paper>/clearance")
    def clearance(self, request, paper):
        board = self.documents.clearance(paper)
        return Response(documents.Clearance.answer().dumps(board), mimetype="application/json")

    @http("POST", "/documents/<string:paper>/comments")
    def comment(self, request, paper):
        said = json.loads(request.get_data(as_text=True))
        made = self.documents.comment(paper, said)
        return Response(documents.CommentAnswer().dumps(made), mimetype="application/json", status=201)
