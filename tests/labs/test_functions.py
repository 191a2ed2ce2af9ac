"""The learner's own function, called with care."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from typing import Any

import numpy as np
import pytest

from course.labs.calling import functions
from course.labs.calling.functions import LearnersFunction, Unfinished
from course.labs.calling.muted import muted


def test_nothing_that_a_function_says_is_heard(capsys: pytest.CaptureFixture[str]) -> None:
    def talks() -> Any:
        print("to standard output")
        print("to standard error", file=sys.stderr)
        return np.zeros(2)

    LearnersFunction(talks)((2,))
    assert capsys.readouterr() == ("", "")
    print("heard again")
    assert capsys.readouterr().out == "heard again\n"


@pytest.mark.parametrize("times", [1, 2])
def test_what_other_threads_print_meanwhile_is_heard(
    capsys: pytest.CaptureFixture[str], times: int
) -> None:
    inside, said, kept = threading.Event(), threading.Event(), sys.stdout

    def call() -> None:
        with muted():
            inside.set()
            print("not heard")
            said.wait(600)

    threads = [threading.Thread(target=call) for _ in range(times)]
    for thread in threads:
        thread.start()
    assert inside.wait(600)
    print("from the cell", flush=True)
    said.set()
    for thread in threads:
        thread.join(600)
    assert capsys.readouterr().out == "from the cell\n"
    assert sys.stdout is kept


class Published:
    """Stands for the kernel's: it has a method of its own, as the kernel's has."""

    def __init__(self) -> None:
        self.shown: list[Any] = []

    def publish(self, data: Any, **_: Any) -> None:
        self.shown.append(data)

    def clear_output(self, wait: bool = False) -> None:
        self.shown.append("cleared")

    def set_parent(self, parent: Any) -> None:
        self.shown.append(parent)


def test_pictures_of_the_function_are_not_shown_and_the_kernels_own_calls_get_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Shell:
        display_pub: Any = Published()

    shell = Shell()
    import IPython

    monkeypatch.setattr(IPython, "get_ipython", lambda: shell)
    kept = shell.display_pub
    with muted():
        shell.display_pub.publish({"text/plain": "a picture of the learner's"})
        shell.display_pub.clear_output()
        shell.display_pub.set_parent("a message of the page")
        other = threading.Thread(target=lambda: shell.display_pub.publish("of a cell"))
        other.start()
        other.join()
    assert kept.shown == ["a message of the page", "of a cell"]
    assert shell.display_pub is kept


class Odd(Exception):
    def __str__(self) -> str:
        raise ValueError("no words")


class Unwilling:
    def __array__(self, *_: Any, **__: Any) -> Any:
        raise KeyError("no array")


def raising(error: BaseException) -> Any:
    def function() -> Any:
        raise error

    return function


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (raising(GeneratorExit()), "function stopped with GeneratorExit"),
        (raising(BaseException("at the root")), "function stopped with BaseException: at the root"),
        (raising(Odd()), "function stopped with Odd"),
        (lambda: Unwilling(), "returned Unwilling, not an array of numbers"),
        (lambda: [10**400, 1], "returned list, not an array of numbers"),
        (lambda: np.ones(2) * 1j, "returned ndarray, not an array of numbers"),
        (lambda: np.ones((2, 2)), r"returned shape \(2, 2\), expected \(T,\) = \(2,\): one number"),
    ],
)
def test_whatever_a_function_does_is_told_in_a_sentence(function: Any, said: str) -> None:
    with pytest.raises(Unfinished, match=said):
        LearnersFunction(function)((2,))


# A function of the same name takes the place of an older one.


def test_a_newer_function_of_the_same_name_is_taken(notebook: Any) -> None:
    met = LearnersFunction(notebook.define("decoder", lambda: [1]))
    assert not met.renew()
    for function in (lambda: [2], lambda: [3]):
        newer = notebook.define("decoder", function)
        assert met.renew()
        assert met.function is newer
        assert not met.renew()


def test_what_the_name_did_not_stand_for_when_the_lab_was_opened_stays(notebook: Any) -> None:
    older = notebook.define("decoder", lambda: [1])
    notebook.define("decoder", lambda: [2])

    def decoder() -> Any:
        return [3]

    for function in (older, decoder, int, np.zeros):
        met = LearnersFunction(function)
        assert not met.renew()
        assert met.function is function


@pytest.mark.parametrize("now", [{"decoder": dict}, {"decoder": 3}, {}])
def test_a_name_that_is_no_function_any_more_leaves_the_old_one(
    notebook: Any, now: dict[str, Any]
) -> None:
    met = LearnersFunction(old := notebook.define("decoder", lambda: [1]))
    notebook.pop("decoder")
    notebook.update(now)
    assert not met.renew()
    assert met.function is old


def test_a_call_in_a_thread_of_its_own_is_ended_and_leaves_the_streams_as_they_were(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(functions, "LIMIT_S", 0.2)
    kept, told = (sys.stdout, sys.stderr), []

    def forever() -> Any:
        while True:
            time.monotonic()

    def work() -> None:
        with contextlib.suppress(Unfinished):
            LearnersFunction(forever)((2,))
            return
        told.append("ended")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(600)
    assert told == ["ended"]
    assert (sys.stdout, sys.stderr) == kept
