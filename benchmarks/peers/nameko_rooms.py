"""The services behind nameko's gateway: questions and orders by RPC, each answered out of the store."""

import os

from nameko.rpc import rpc

from benchmarks.peers import kept
from contracts import documents, workplan

kept.connect(os.environ["MONGO_URI"])


class Workplan:
    name = "peer_workplan"

    @rpc
    def get_plan(self, year):
        return workplan.GetPlan.answer().dump(kept.plan(year))


class Documents:
    name = "peer_documents"

    @rpc
    def clearance(self, paper):
        return documents.Clearance.answer().dump(kept.board(paper))

    @rpc
    def comment(self, paper, said):
        return kept.comment(paper, said)
