"""Whose question is answered next: bounded, in order within a client, and clients take turns."""

import asyncio
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ui.chat.admission_queue import MOST_PLACES, AdmissionQueue, ClientLeft, QueueFull, places

CLIENTS = "abcd"
MOST_OF_ONE, MOST_IN_ALL = 3, 7

steps = st.one_of(
    st.tuples(st.just("ask"), st.sampled_from(CLIENTS)),
    st.tuples(st.just("leave"), st.sampled_from(CLIENTS)),
    st.tuples(st.just("end"), st.integers(0, 3)),
    st.tuples(st.just("cancel"), st.integers(0, 9)),
    st.tuples(st.just("let go on"), st.just(0)),
)


@dataclass(eq=False)
class Asked:
    """A question in a queue, and what became of it."""

    client: str
    number: int
    since: int = 0
    state: str = "waits"
    end: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task | None = None


class Simulation:
    """Questions that are asked, answered, given up and left; ``admitted`` is the order of admission."""

    def __init__(self, number_of_places, **bounds):
        self.queue = AdmissionQueue(number_of_places, **bounds)
        self.places = number_of_places
        self.asked = []
        self.admitted = []
        self.refused = []

    def those(self, state):
        return [each for each in self.asked if each.state == state]

    def ask(self, client):
        each = Asked(client, len(self.asked), since=len(self.admitted))
        self.asked.append(each)
        each.task = asyncio.create_task(self._answered(each))
        each.task.add_done_callback(lambda task: task.cancelled() and setattr(each, "state", "cancelled"))
        return each

    async def _answered(self, each):
        try:
            async with self.queue.turn(each.client):
                each.state = "answered"
                self.admitted.append(each)
                await each.end.wait()
            each.state = "done"
            for other in self.those("waits"):
                if other.client == each.client:  # from now on it is others who hold it up
                    other.since = len(self.admitted)
        except QueueFull:
            each.state = "refused"
        except ClientLeft:
            each.state = "left"

    async def step(self, name, value):
        if name == "ask":
            self.ask(value)
        elif name == "leave":
            self.queue.leave(value)
        elif name == "end" and value < len(self.those("answered")):
            self.those("answered")[value].end.set()
        elif name == "cancel" and self.asked:
            self.asked[value % len(self.asked)].task.cancel()
        else:
            await settled()

    async def over(self):
        while any(not each.task.done() for each in self.asked):
            for each in self.those("answered"):
                each.end.set()
            await settled()


async def settled():
    for _ in range(6):
        await asyncio.sleep(0)


def bounds_hold(seen):
    running = [each.client for each in seen.those("answered")]
    assert len(running) <= seen.places
    assert len(set(running)) == len(running)
    for client in CLIENTS:
        assert sum(each.client == client for each in seen.those("waits")) <= MOST_OF_ONE
    assert len(seen.those("waits")) <= MOST_IN_ALL


@settings(max_examples=100)
@given(st.integers(1, 3), st.lists(steps, max_size=50))
def test_whatever_happens_places_and_lines_keep_their_bounds_and_nothing_is_left_behind(most, script):
    async def scenario():
        seen = Simulation(most, most_of_one=MOST_OF_ONE, most_in_all=MOST_IN_ALL)
        for name, value in script:
            await seen.step(name, value)
            if name == "let go on":
                bounds_hold(seen)
                assert seen.queue.waiting == len(seen.those("waits"))
                assert seen.queue.answering == len(seen.those("answered"))
                # No place is free while somebody waits who may have it.
                free = {each.client for each in seen.those("waits")} - {
                    each.client for each in seen.those("answered")
                }
                assert not free or seen.queue.answering == most
        await seen.over()
        assert (seen.queue.waiting, seen.queue.answering) == (0, 0)
        assert not seen.queue._lines
        for client in CLIENTS:
            numbers = [each.number for each in seen.admitted if each.client == client]
            assert numbers == sorted(numbers)

    asyncio.run(scenario())


@settings(max_examples=100)
@given(st.integers(1, 3), st.lists(st.sampled_from("aaaabcd"), max_size=40), st.randoms())
def test_between_a_question_and_its_turn_every_other_client_has_at_most_one(most, asking, random):
    async def scenario():
        seen = Simulation(most, most_of_one=100, most_in_all=1000)
        for client in asking:
            seen.ask(client)
            await settled()
            if random.random() < 0.4 and seen.those("answered"):
                random.choice(seen.those("answered")).end.set()
                await settled()
        await seen.over()
        assert len(seen.admitted) == len(asking)
        for place, each in enumerate(seen.admitted):
            between = [other.client for other in seen.admitted[each.since : place]]
            others = [client for client in between if client != each.client]
            assert len(set(others)) == len(others)

    asyncio.run(scenario())


@pytest.mark.parametrize("most", [1, 2])
async def test_150_open_questions_of_one_client_delay_another_by_at_most_the_one_being_answered(most):
    seen = Simulation(most, most_of_one=200)
    for _ in range(150):
        seen.ask("flood")
    await settled()
    other = seen.ask("other")
    await settled()
    if most == 1:
        assert other.state == "waits"
        seen.those("answered")[0].end.set()
        await settled()
    assert other.state == "answered"
    for each in seen.asked:
        each.task.cancel()
    await settled()
    assert (seen.queue.waiting, seen.queue.answering) == (0, 0)


async def test_a_ninth_waiting_question_is_refused_in_one_line_and_the_others_are_kept():
    seen = Simulation(1)
    for _ in range(9):
        seen.ask("flood")
    await settled()
    with pytest.raises(QueueFull, match=r"^You have 8 questions waiting; ask again when one is answered\.$"):
        async with seen.queue.turn("flood"):
            pass
    await seen.over()
    assert len(seen.admitted) == 9


async def test_the_line_of_all_clients_together_is_bounded():
    seen = Simulation(1, most_in_all=5)
    for number in range(6):
        seen.ask(f"client {number}")
    await settled()
    with pytest.raises(QueueFull, match=r"^pincite is busy: 5 questions are waiting; ask again"):
        async with seen.queue.turn("one more"):
            pass
    await seen.over()


async def test_the_waiting_questions_of_a_client_that_leaves_go_and_its_running_one_ends():
    seen = Simulation(1)
    for client in ("gone", "gone", "gone", "stays"):
        seen.ask(client)
    await settled()
    seen.queue.leave("gone")
    await settled()
    assert [each.state for each in seen.asked] == ["answered", "left", "left", "waits"]
    await seen.over()
    assert [each.client for each in seen.admitted] == ["gone", "stays"]


async def test_a_question_that_waits_is_told_how_many_come_before_it():
    queue = AdmissionQueue(1)
    heard = {}

    async def ask(name, client):
        async def on_wait(before):
            heard[name] = before

        async with queue.turn(client, on_wait):
            await settled()

    names = ["a1", "b1", "b2", "c1", "a2", "c2"]
    await asyncio.gather(*(ask(name, name[0]) for name in names))
    assert heard == {"b1": 0, "b2": 1, "c1": 1, "a2": 2, "c2": 4}


async def test_a_question_whose_telling_fails_leaves_the_queue():
    queue = AdmissionQueue(1)

    async def on_wait(_before):
        raise ConnectionError

    async with queue.turn("a"):
        with pytest.raises(ConnectionError):
            async with queue.turn("b", on_wait):
                pass
    assert (queue.waiting, queue.answering) == (0, 0)


def test_places_follow_the_cores_and_are_more_where_a_model_is_waited_for(monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    assert places(with_model=False) == 2
    assert places(with_model=True) > MOST_PLACES
    monkeypatch.setattr("os.cpu_count", lambda: 64)
    assert places(with_model=False) == MOST_PLACES
    monkeypatch.setattr("os.cpu_count", lambda: None)
    assert places(with_model=False) == 1
