"""The peers of ``benchmarks/gateway.py`` are asked what the platform is, and answer the same."""

import requests

from benchmarks import gateway
from benchmarks.load import paced, saturating
from launcher.platform import Platform


def test_both_peers_answer_what_the_platform_answers_and_streams_stay_open(tmp_path):
    parts = ("store", "broker", "mail", "chairs", "workplan", "documents", "notifications", "gateway")
    with Platform(tmp_path, rehearsal=True, parts=parts) as platform:
        room = gateway.furnished(platform, missions=1)
        with gateway.flask_peer(platform, room) as bare, gateway.nameko_peer(platform, room) as nameko:
            for side in (room.ours, bare, nameko):
                for name in gateway.QUESTIONS:
                    asked = side.asked[name]
                    assert requests.get(asked.url, headers=asked.headers, timeout=20).json() == room.contents[name], name
                order = side.asked[gateway.ORDER]
                said = order.bodies[0]
                made = requests.post(order.url, json=said, headers=order.headers, timeout=20)
                assert made.status_code == order.expected
                assert {name: made.json()[name] for name in ("quotation", "text")} == {name: said[name] for name in ("quotation", "text")}
        board = room.ours.asked["clearance board"]
        with gateway.streaming(platform, room.streams, many=4) as streams:
            assert saturating(board, 0.3) > 0
            times = paced(board, 10, 1.0)
            assert 0 < times.p50 <= times.p99
            assert len(streams) == 4
