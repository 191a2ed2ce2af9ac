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
from course.labs.calling.functions import Unfinished
from course.labs.calling.muted import muted


def test_nothing_that_a_function_says_is_heard(capsys: pytest.CaptureFixture[str]) -> None:
    def talks() -> Any:
        print("to standard output")
        print("to standard error", file=sys.stderr)
        return np.zeros(2)

    functions.call(talks, (2,))
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
        functions.call(function, (2,))


# A function of the same name takes the place of an older one.


def defined(text: str, **names: Any) -> dict[str, Any]:
    notebook: dict[str, Any] = dict(names)
    exec(text, notebook)
    return notebook


def test_a_newer_function_of_the_same_name_is_taken() -> None:
    notebook = defined("def decoder(): return 1")
    old = notebook["decoder"]
    functions.follow(old)
    assert functions.latest(old) is old
    exec("def decoder(): return 2", notebook)
    assert functions.latest(old) is notebook["decoder"]
    newer = notebook["decoder"]
    exec("def decoder(): return 3", notebook)
    assert functions.latest(newer) is notebook["decoder"]


def test_what_the_name_did_not_stand_for_when_the_lab_was_opened_stays() -> None:
    notebook = defined(
        "def decoder(): return 1\nold = decoder\ndef decoder(): return 2\n"
        "def make():\n    def decoder(): return 3\n    return decoder"
    )
    for function in (notebook["old"], notebook["make"](), int, np.zeros):
        functions.follow(function)
        assert functions.latest(function) is function


@pytest.mark.parametrize("now", ["decoder = dict", "decoder = 3", "del decoder"])
def test_a_name_that_is_no_function_any_more_leaves_the_old_one(now: str) -> None:
    notebook = defined("def decoder(): return 1")
    old = notebook["decoder"]
    functions.follow(old)
    exec(now, notebook)
    assert functions.latest(old) is old


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
            functions.call(forever, (2,))
            return
        told.append("ended")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(600)
    assert told == ["ended"]
    assert (sys.stdout, sys.stderr) == kept
