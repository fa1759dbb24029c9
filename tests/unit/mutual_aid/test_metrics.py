"""What the processes measured, told in a few lines."""

from mutual_aid.stack.metrics import Measured, lines

API = """
# TYPE mutual_aid_call_seconds histogram
mutual_aid_call_seconds_bucket{le="0.01",operation="demands.next",outcome="ok",system="api"} 97
mutual_aid_call_seconds_bucket{le="0.1",operation="demands.next",outcome="ok",system="api"} 98
mutual_aid_call_seconds_bucket{le="+Inf",operation="demands.next",outcome="ok",system="api"} 98
mutual_aid_call_seconds_count{operation="demands.next",outcome="ok",system="api"} 98
mutual_aid_call_seconds_bucket{le="0.01",operation="users.me",outcome="refused",system="api"} 1
mutual_aid_call_seconds_bucket{le="0.1",operation="users.me",outcome="refused",system="api"} 2
mutual_aid_call_seconds_bucket{le="+Inf",operation="users.me",outcome="refused",system="api"} 2
mutual_aid_call_seconds_count{operation="users.me",outcome="refused",system="api"} 2
mutual_aid_call_seconds_bucket{le="0.01",operation="demands.next",outcome="ok",system="postgres"} 0
mutual_aid_call_seconds_bucket{le="+Inf",operation="demands.next",outcome="ok",system="postgres"} 500
mutual_aid_call_seconds_count{operation="demands.next",outcome="ok",system="postgres"} 500
# TYPE mutual_aid_deliveries_oldest_seconds gauge
mutual_aid_deliveries_oldest_seconds 12.5
# TYPE mutual_aid_stream_messages gauge
mutual_aid_stream_messages{stream="NOTIFY"} 3
mutual_aid_stream_messages{stream="INTAKE"} NaN
# TYPE process_start_time_seconds gauge
process_start_time_seconds 1000
"""


def test_calls_are_told_with_outcomes_and_speed() -> None:
    told = lines({"api": Measured(API)}, now=1050.0)
    assert told == [
        "Calls: 100 since the api started, 2.0/s (98 ok, 2 refused), 99 % within 100 ms",
        "Oldest delivery owed: 12.5 s · streams hold: NOTIFY 3",
    ]


def test_nothing_measured_yet_is_said_as_it_is() -> None:
    told = lines({"api": Measured("process_start_time_seconds 1000\n"), "bot": Measured("")}, now=1001.0)
    assert told == [
        "Calls: 0 since the api started, 0.0/s",
        "Oldest delivery owed: 0 ms · streams hold: nobody can say",
        "Bot: 0 updates handled, 0 parked, 0 sends, 99 % of requests to Telegram within not known",
    ]


def test_a_process_that_does_not_answer_has_no_line() -> None:
    assert lines({}) == []
