"""docker-compose.yml alone: what becomes of a try-out when a real token comes."""

from containers.conftest import plain
from containers.engine import House

HOUSES = (plain,)


def test_a_real_bot_does_not_begin_among_made_up_people(people: House):
    asked = ("run", "--rm", "--no-TTY", "--no-deps")
    said = people.compose(*asked, "--env", "BOT_TOKEN=1:a-real-one", "no-made-up-people", check=False)
    assert "made-up people serve in it" in said
    assert "docker compose down --volumes --remove-orphans" in said
    assert "people are simulated" in people.compose(*asked, "no-made-up-people")
