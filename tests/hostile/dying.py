"""Attacks on the run: dying, hanging, eating what there is, leaving processes behind."""

from __future__ import annotations

from typing import Any

from attack import DOUBLED, FULL, HONEST_HALF, LEFT, LIMITS, NOTHING, WRONG_HALF, Attack, in_double

MARK = "left-behind-by-a-hostile-notebook"
LATE = f"gave no answer within {LIMITS.call_s:g} s"
LATE_CELL = f"did not end within {LIMITS.cell_s:g} s"
ENDED = "the process that runs your code ended"
IN_MEMORY = f"may use {LIMITS.memory_mib} MiB of memory"
PYTHON = "'/python/bin/python3.11'"


def calls(name: str, tries: str, body: str, **more: Any) -> Attack:
    """Return an attack by a call of `double`; `total` is honest and keeps its points."""
    return Attack(name, tries, double=in_double(body), **{"earns": HONEST_HALF} | more)


def cell(name: str, tries: str, first: str, **more: Any) -> Attack:
    """Return an attack by a cell above two honest answers."""
    return Attack(name, tries, first=first, **more)


ATTACKS = [
    # Dying.
    calls("exits", "End the process.", "import os; os._exit(0)", says="status 0"),
    cell("exits_in_a_cell", "End the process in a cell.", "import os; os._exit(0)", says=ENDED),
    cell("exits_politely", "Call exit() in a cell.", "exit()\nquit()\nraise SystemExit"),
    calls("kills_itself", "Send itself SIGKILL.", "import os; os.kill(os.getpid(), 9)", says=ENDED),
    calls(
        "kills_everybody",
        "Send every process it can reach SIGKILL.",
        "import os\nfor p in (1, -1, os.getppid()):\n    try: os.kill(p, 9)\n"
        "    except OSError: pass\nreturn 3 * x",
        earns={},
    ),
    calls("segfaults", "Read at address 0.", "import ctypes; ctypes.string_at(0)", says="SIGSEGV"),
    calls("aborts", "Call abort.", "import os; os.abort()", says="SIGABRT"),
    calls(
        "recurses",
        "Recurse without an end.",
        "return double(x)",
        says="recursion",
    ),
    calls(
        "overflows_the_stack",
        "Recurse beyond the stack.",
        "import sys\nsys.setrecursionlimit(10**9)\nreturn double(x)",
    ),
    calls(
        "replaces_itself",
        "Replace the process by another program.",
        f"import os; os.execv({PYTHON}, ['python', '-c', 'import time; time.sleep(99)', '{MARK}'])",
    ),
    calls(
        "two_answer",
        "Fork, and have both processes answer.",
        "import os; os.fork(); return 3 * x",
        earns={},
    ),
    calls("raises_memory", "Raise MemoryError.", "raise MemoryError", says="MemoryError"),
    # Hanging.
    calls("loops", "Loop for ever.", "while True: pass", says=LATE),
    cell("loops_in_a_cell", "Loop for ever in a cell.", "while True: pass", says=LATE_CELL),
    cell(
        "loops_the_second_time",
        "Loop for ever when run again after a crash, to lose all later tests.",
        "import os, pathlib\nmark = pathlib.Path('/tmp/once')",
        double=in_double("import os; os._exit(1)"),
        earns=HONEST_HALF,
    ),
    calls("sleeps", "Sleep.", "import time; time.sleep(99)", says=LATE),
    calls("hangs_in_c", "Raise a number to a power for hours.", "return 9 ** 9 ** 9", says=LATE),
    calls(
        "hangs_in_a_pattern",
        "Match a pattern for ever, in C.",
        "import re; re.match('(a+)+$', 'a' * 50 + 'b')",
        says=LATE,
    ),
    calls(
        "hangs_ignoring_signals",
        "Ignore every signal, and loop.",
        "import signal\nfor s in signal.valid_signals():\n    try: signal.signal(s, 1)\n"
        "    except (OSError, ValueError): pass\nwhile True: pass",
        says=LATE,
    ),
    calls(
        "hangs_on_a_lock",
        "Wait for a lock that nobody opens.",
        "import threading\nk = threading.Lock()\nk.acquire()\nk.acquire()",
        says=LATE,
    ),
    calls("asks", "Ask the grader for input.", "return float(input('?'))", says="EOF"),
    calls(
        "stops_itself",
        "Stop its own process.",
        "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)",
        says=LATE,
    ),
    calls(
        "hangs_when_deleted",
        "Return what loops for ever when it is deleted.",
        "class Slow:\n    def __del__(self):\n        while True: pass\nSlow()\nreturn 2 * x",
        says=LATE,
    ),
    calls(
        "hangs_when_looked_at",
        "Return a list whose items never end.",
        "class Endless(list):\n    def __iter__(self):\n        while True: yield 1\n"
        "return Endless()",
        earns=HONEST_HALF,
    ),
    Attack(
        "hangs_when_described",
        "Loop for ever when asked for the docstring.",
        double="class Slow:\n    @property\n    def __doc__(self):\n        while True: pass\n"
        "    def __call__(self, x): return 2 * x\ndouble = Slow()",
        earns=HONEST_HALF,
        says="did not answer",
    ),
    cell(
        "hangs_when_shown",
        "Show a value that loops for ever when shown.",
        "class Slow:\n    def __repr__(self):\n        while True: pass\nSlow()",
        says=LATE_CELL,
    ),
    cell(
        "hangs_at_the_end",
        "Loop for ever when the process ends.",
        "import atexit, threading\n@atexit.register\ndef f():\n    while True: pass\n"
        "threading.Thread(target=f).start()",
        earns={},
    ),
    calls(
        "slow_everywhere",
        "Be just slow enough in every call to use up the notebook's time.",
        "import time; time.sleep(0.8); return 2 * x",
        earns={},
    ),
    # Eating.
    calls(
        "eats_memory",
        "Allocate all memory at once.",
        "return [bytearray(2**30) for _ in range(100)]",
        says="MemoryError",
    ),
    calls(
        "eats_memory_slowly",
        "Allocate memory bit by bit.",
        "kept = []\nwhile True: kept.append(bytearray(2**20))",
        says=f"MemoryError|{IN_MEMORY}|{LATE}",
    ),
    calls(
        "eats_memory_in_processes",
        "Allocate memory in several processes, each below the limit.",
        "import os, time\nfor _ in range(5):\n    if os.fork() == 0:\n"
        "        kept = b'x' * (200 * 2**20)\n        time.sleep(9)\n"
        "        os._exit(0)\ntime.sleep(9)",
        says=f"{IN_MEMORY}|{LATE}",
    ),
    calls(
        "eats_hidden_memory",
        "Hold memory that no process is seen to have.",
        "import os\nfd = os.memfd_create('x')\nos.write(fd, bytes(2**20))\nreturn x",
        says="Operation not permitted",
    ),
    calls(
        "makes_processes",
        "Fork without an end.",
        "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
        earns=HONEST_HALF,
    ),
    calls(
        "makes_threads",
        "Start threads without an end.",
        "import threading, time\n"
        "while True: threading.Thread(target=time.sleep, args=(9,), daemon=True).start()",
        earns=HONEST_HALF,
    ),
    calls(
        "opens_files",
        "Open files without an end.",
        "kept = []\nwhile True: kept.append(open('/dev/null'))",
        says="Too many open files",
    ),
    calls(
        "fills_the_disk",
        "Write one large file.",
        "with open('/tmp/x', 'wb') as f:\n    while True: f.write(bytes(2**20))",
        says="No space left",
    ),
    calls(
        "fills_the_disk_in_parts",
        "Write many files, each below the limit.",
        "for i in range(10**6):\n    with open(f'/tmp/{i}', 'wb') as f: f.write(bytes(2**20))",
        says="No space left",
    ),
    calls(
        "makes_files",
        "Make empty files without an end.",
        "i = 0\nwhile True:\n    i += 1\n    open(f'/tmp/{i}', 'w').close()",
        says=LATE,
    ),
    # Flooding.
    cell("prints", "Print for ever.", "while True: print('x' * 1000)", says=LATE_CELL),
    cell(
        "prints_a_lot",
        "Print a hundred megabytes.",
        "for _ in range(1000): print('x' * 100_000)",
        says="printed too much",
    ),
    cell(
        "prints_past_python",
        "Print a lot past Python's streams.",
        "import os\nfor _ in range(20): os.write(1, b'x' * 10_000)",
        says="printed too much",
    ),
    cell(
        "shows_a_lot",
        "Show thousands of displays.",
        "from IPython.display import display\nfor i in range(1_500): display(i)",
    ),
    cell(
        "shows_a_giant",
        "Show a display of fifty megabytes.",
        "from IPython.display import HTML, display\ndisplay(HTML('x' * 50_000_000))",
    ),
    cell(
        "fails_at_length",
        "Fail with a traceback of hundreds of frames and a very long line.",
        "def f(n):\n    if n: return f(n - 1)\n    exec('1/0;' + ' ' * 10**5)\nf(100)",
        says=f"ZeroDivisionError|{LATE_CELL}",
    ),
    calls(
        "prints_in_calls",
        "Print for ever in a call.",
        "while True: print('x' * 1000)",
        says=LATE,
    ),
    calls(
        "answers_too_much",
        "Return more than an answer may have.",
        "import numpy as np; return np.zeros(10**6)",
        says="a message of",
    ),
    calls(
        "answers_too_deep",
        "Return lists within lists.",
        "for _ in range(500): x = [x]\nreturn x",
        says="nested deeper than 16 levels",
    ),
    calls(
        "answers_itself",
        "Return a list that holds itself.",
        "x = []\nx.append(x)\nreturn x",
        says="nested deeper than 16 levels",
    ),
    calls(
        "answers_a_giant_number",
        "Return a number of two hundred thousand digits.",
        "return 10 ** 200_000",
        earns=WRONG_HALF,
    ),
    calls(
        "answers_a_mirage",
        "Return an array that takes a terabyte when copied.",
        "import numpy as np; return np.broadcast_to(1.0, (10**11,))",
        earns=HONEST_HALF,
    ),
    calls(
        "answers_many",
        "Return ten thousand small things.",
        "return [0] * 10**4",
        earns=WRONG_HALF,
    ),
    # Leaving something behind.
    cell(
        "leaves_a_process",
        "Leave a process behind in a session of its own.",
        f"import subprocess\nsubprocess.Popen([{PYTHON}, '-c', 'import time; time.sleep(300)', "
        f"'{MARK}'], start_new_session=True)",
    ),
    cell(
        "leaves_a_daemon",
        "Leave a process behind whose parents have ended and that ignores signals.",
        "import os, signal, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
        "        [signal.signal(s, 1) for s in (1, 2, 3, 15)]\n"
        f"        os.execv({PYTHON}, ['p', '-c', 'import time; time.sleep(300)', '{MARK}'])\n"
        "    os._exit(0)",
    ),
    cell(
        "leaves_a_thread",
        "Leave a thread that changes the answers later.",
        "import threading, time\ndef later():\n    while True:\n        time.sleep(0.001)\n"
        "        globals().pop('nothing', 0)\nthreading.Thread(target=later, daemon=True).start()",
    ),
    Attack(
        "breaks_one_cell_type",
        "Answer honestly but for inputs of three numbers, for which it hangs.",
        double=in_double("while len(x) == 3: pass\nreturn 2 * x"),
        earns=HONEST_HALF,
    ),
    Attack(
        "breaks_the_second",
        "Answer the first exercise honestly and hang in the second.",
        total="def total(x, start=0.0):\n    while True: pass",
        earns={DOUBLED: FULL[DOUBLED], LEFT: FULL[LEFT], "the_sum_counts": 0.0},
    ),
    Attack(
        "nothing_but_noise",
        "Hang in every call and cell.",
        first="while True: pass",
        double=in_double("while True: pass"),
        total="def total(*a):\n    while True: pass",
        earns=NOTHING,
    ),
]
