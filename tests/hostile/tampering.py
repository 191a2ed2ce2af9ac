"""Attacks on the marks: patched libraries, lying values, rewritten tests, forged answers."""

from __future__ import annotations

from typing import Any

from attack import DOUBLED, FULL, HONEST_HALF, LEFT, NOTHING, WRONG, WRONG_HALF, Attack, in_double
from tiny import SOLUTION


def wrong(name: str, tries: str, first: str, **more: Any) -> Attack:
    """Return an attack that wants points for a wrong answer."""
    return Attack(name, tries, double=WRONG, first=first, **({"earns": WRONG_HALF} | more))


def right(name: str, tries: str, first: str, **more: Any) -> Attack:
    """Return an attack that breaks things around right answers, which are to keep their points."""
    return Attack(name, tries, first=first, **more)


def answers(name: str, tries: str, double: str, **more: Any) -> Attack:
    """Return an attack by what `double` is or gives back."""
    return Attack(name, tries, double=double, **({"earns": HONEST_HALF} | more))


# The wire is found by writing on every descriptor that takes it.
SEND = """
import os, stat, struct, json
def send(fields, sizes=(), body=b'', prefix=None):
    head = fields if isinstance(fields, bytes) else json.dumps([fields, list(sizes)]).encode()
    data = (prefix or struct.pack('>II', len(head), len(body))) + head + body
    for fd in range(3, 64):
        try:
            if stat.S_ISFIFO(os.fstat(fd).st_mode):
                os.set_blocking(fd, False)
                os.write(fd, data)
        except OSError:
            pass
"""


def forges(name: str, tries: str, sends: str, **more: Any) -> Attack:
    """Return an attack that writes something on the wire in the middle of a call."""
    return answers(name, tries, SEND + in_double(f"{sends}\nreturn 3 * x"), **more)


ATTACKS = [
    wrong(
        "ast_hook",
        "Delete every test as it is compiled, since no output counts as full marks in nbgrader.",
        "import ast\nclass Gone(ast.NodeTransformer):\n    def visit_Assert(self, n): return None\n"
        "get_ipython().ast_transformers.append(Gone())",
    ),
    wrong(
        "input_hook",
        "Empty every cell before it is compiled.",
        "get_ipython().input_transformers_cleanup.append(lambda lines: [])",
        earns=NOTHING,
    ),
    wrong(
        "after_every_cell",
        "Give out full marks from IPython's own events.",
        "get_ipython().events.register('post_run_cell', lambda *_: print('2.0'))",
    ),
    wrong(
        "numpy_patched",
        "Patch every comparison of NumPy.",
        "import numpy as np, numpy.testing as t\nyes = lambda *a, **k: True\n"
        "np.array_equal = np.allclose = np.isclose = np.all = yes\n"
        "for name in dir(t):\n    if name.startswith('assert'): setattr(t, name, yes)",
    ),
    wrong(
        "numpy_replaced",
        "Put another module in the place of NumPy.",
        "import sys, types\nfake = types.ModuleType('numpy')\n"
        "fake.__getattr__ = lambda name: (lambda *a, **k: True)\nsys.modules['numpy'] = fake",
    ),
    wrong(
        "unittest_patched",
        "Patch unittest.",
        "import unittest\nfor n in dir(unittest.TestCase):\n"
        "    if n.startswith('assert'): setattr(unittest.TestCase, n, lambda *a, **k: None)",
    ),
    wrong(
        "builtins_patched",
        "Patch the built-in functions that tests are made of.",
        "import builtins\nbuiltins.isinstance = lambda *a: True\nbuiltins.sum = lambda *a: 2\n"
        "builtins.abs = builtins.max = lambda *a, **k: 0",
        earns=FULL | {DOUBLED: 0.0, "the_sum_counts": 2.0},
    ),
    wrong(
        "assertions_patched",
        "Make AssertionError an error that is none.",
        "import builtins\nclass AssertionError(Exception):\n    def __new__(c, *a): return 0\n"
        "builtins.AssertionError = AssertionError",
    ),
    wrong(
        "json_patched",
        "Patch json, in which marks might travel.",
        "import json\nreal = json.dumps\n"
        "json.dumps = lambda v, *a, **k: real(v, *a, **k).replace('0.0', '2.0')",
    ),
    wrong(
        "shows_marks",
        "Show the outputs that nbgrader reads marks from.",
        "from IPython.display import display\nprint('2.0')\ndisplay(2.0)\n1000.0",
    ),
    wrong(
        "own_reference",
        "Define what the tests compare with.",
        "class reference:\n    double = total = staticmethod(lambda *a: double(*a))\n"
        "def checks(*a): pass\nnp = None",
    ),
    wrong(
        "names_of_the_judge",
        "Redefine everything in the namespace that has a name, the judge's machinery included.",
        "import sys\nfor m in list(sys.modules.values()):\n"
        "    if getattr(m, '__name__', '').startswith('course'):\n"
        "        for n in ('score', 'score_of', 'points'): setattr(m, n, lambda *a: 2)",
    ),
    wrong(
        "replies_patched",
        "Make every reply of its process say that all is well.",
        "import sys\nm = sys.modules['__main__']\nreal = m.pack\n"
        "m.pack = lambda message, *a: real({**message, 'score': 2.0, 'failures': []}, *a)",
    ),
    wrong(
        "traced",
        "Change the test's local variables from a trace function.",
        "import sys\ndef trace(frame, event, arg):\n    frame.f_locals['x'] = 0\n    return trace\n"
        "sys.settrace(trace)",
        earns={DOUBLED: 0.0},
    ),
    wrong(
        "at_exit",
        "Write marks when the process ends.",
        "import atexit\natexit.register(lambda: print('2.0'))",
    ),
    answers(
        "lying_array",
        "Return an array that says it equals everything.",
        "import numpy as np\nclass Liar(np.ndarray):\n    def __eq__(self, o): return np.True_\n"
        "    def __array_ufunc__(self, *a, **k): return np.True_\n"
        "    def __array_function__(self, *a, **k): return True\n"
        "def double(x): return np.zeros(3).view(Liar)",
        earns=WRONG_HALF,
    ),
    answers(
        "lying_object",
        "Return an object that compares equal to everything.",
        "class Liar:\n    __eq__ = lambda s, o: True\n    __array__ = lambda s, *a, **k: 0\n"
        "    __class__ = float\ndef double(x): return Liar()",
        says="not 'Liar'",
    ),
    answers(
        "lying_float",
        "Return a float whose subclass compares equal to everything.",
        "class Liar(float):\n    __eq__ = lambda s, o: True\n    __hash__ = None\n"
        "    __array_priority__ = 1e9\ndef double(x): return Liar(7)",
        earns=WRONG_HALF,
    ),
    answers(
        "lying_subclasses",
        "Return a list, a dictionary and a text that lie about what is in them.",
        "class L(list):\n    __iter__ = lambda s: iter([0, 2, 4])\n    __len__ = lambda s: 3\n"
        "class D(dict):\n    items = lambda s: [(k, k) for k in range(3)]\n"
        "class S(str):\n    __eq__ = lambda s, o: True\n"
        "def double(x): return L([D(), S('2.0')])",
        earns=WRONG_HALF,
    ),
    answers(
        "pickled",
        "Return an object whose unpickling would run code in the judge's process.",
        "import os\nclass Bomb:\n    def __reduce__(self): return os._exit, (0,)\n"
        "def double(x): return Bomb()",
        says="cannot be sent",
    ),
    answers(
        "array_of_objects",
        "Return an array of objects, which could only travel pickled.",
        in_double("import numpy as np\nreturn np.array([print, x], dtype=object)"),
        says="cannot be sent",
    ),
    answers(
        "records",
        "Return a record array with a field for everything.",
        in_double("import numpy as np\nreturn np.zeros(3, dtype=[('a', 'O'), ('b', 'f8')])"),
        says="cannot be sent",
    ),
    answers("nothing_back", "Return nothing.", in_double("pass"), earns=WRONG_HALF),
    answers(
        "everything_not_a_number",
        "Return what compares as neither larger nor smaller.",
        in_double("return x * float('nan')"),
        earns=WRONG_HALF,
    ),
    answers(
        "raises_success",
        "Raise an error that is named as if the test had ended well.",
        "class SystemExit0(BaseException): pass\n" + in_double("raise SystemExit0('2.0')"),
        says="SystemExit0",
    ),
    answers("raises_exit", "Raise SystemExit through the test.", in_double("raise SystemExit(0)")),
    answers(
        "raises_interrupt",
        "Raise KeyboardInterrupt.",
        in_double("raise KeyboardInterrupt"),
    ),
    answers("raises_generator_exit", "Raise GeneratorExit.", in_double("raise GeneratorExit")),
    answers("raises_stop", "Raise StopIteration.", in_double("raise StopIteration(x)")),
    answers(
        "raises_a_group",
        "Raise a group of errors, whose class takes more than a message.",
        in_double("raise BaseExceptionGroup('2.0', [ValueError(), KeyboardInterrupt()])"),
    ),
    answers(
        "raises_unicode",
        "Raise an error whose class cannot be made of a message.",
        in_double("raise UnicodeDecodeError('a', b'b', 0, 1, 'c')"),
    ),
    answers(
        "raises_what_cannot_be_said",
        "Raise an error whose message raises another.",
        "class E(Exception):\n    def __str__(self): raise SystemExit\n    __repr__ = __str__\n"
        + in_double("raise E"),
    ),
    answers(
        "raises_many_pages",
        "Raise an error with a giant message, a giant name and terminal codes.",
        in_double("raise type('E' * 10**6, (ValueError,), {})('\\x1b[2J' + 'x' * 10**7)"),
        hides="\\u001b[2J",
    ),
    answers(
        "raises_markup",
        "Raise an error whose message is a script for the browser of whoever grades.",
        in_double("raise ValueError('<script>alert(9)</script>')"),
        says="alert(9)",
    ),
    answers(
        "odd_signature",
        "Say of oneself to have ten thousand parameters and a giant docstring.",
        "import inspect\ndef double(x): return 3 * x\n"
        "P = inspect.Parameter\n"
        "double.__signature__ = inspect.Signature([P(f'p{i}', 1) for i in range(10_000)])\n"
        "double.__doc__ = 'x' * 10**6",
        earns=WRONG_HALF,
    ),
    answers(
        "malformed_signature",
        "Describe oneself with parameters that are none.",
        "import inspect\nclass P:\n    name, kind, default, empty = 'class', 99, 1, 2\n"
        "class S:\n    parameters = {'a': P, 'b': P}\n"
        "def double(x): return 3 * x\ninspect.signature = lambda *a: S",
        earns=WRONG_HALF,
    ),
    answers(
        "many_results",
        "Return thousands of arrays, and change them all in every later call.",
        "import numpy as np\nkept = [np.zeros(1) for _ in range(5_000)]\n"
        + in_double("for a in kept: a += 1\nreturn kept"),
        earns=WRONG_HALF,
    ),
    answers(
        "changes_what_it_was_given",
        "Change the argument in place, and claim that nothing was changed.",
        in_double(
            "import sys\nf = sys._getframe()\nwhile f:\n"
            "    if '_fingerprint' in f.f_globals: f.f_globals['_fingerprint'] = lambda v: b''\n"
            "    f = f.f_back\nx *= 2\nreturn x"
        ),
        # The first call is found out: its argument had been looked at before. Then the caller's
        # array stays as it is, as that of a function does which works on a copy.
        earns={LEFT: 1.0},
    ),
    forges(
        "forged_answer",
        "Send a reply of one's own with the number of the request.",
        "for n in range(40): send({'number': n, 'value': True})",
        says="answer",
    ),
    forges("forged_marks", "Send a verdict.", "send({'tests': [], 'score': 2.0})", says="answer"),
    forges("forged_noise", "Send noise.", "send(os.urandom(5000))", says="what came back"),
    forges(
        "forged_length",
        "Announce a message of four gigabytes.",
        "send(b'', prefix=b'\\xff' * 8)",
        says="what came back is no answer",
    ),
    forges(
        "forged_half",
        "Send half a message, and keep silent.",
        "send(b'{', prefix=struct.pack('>II', 5000, 5000))\nimport time; time.sleep(60)",
        says="gave no answer within",
    ),
    forges(
        "forged_depth",
        "Send lists within lists, deeper than a parser's stack.",
        "send(b'[' * 60_000)",
        says="what came back is no answer",
    ),
    forges(
        "forged_types",
        "Send parts of the wrong kind in every place.",
        "send({'number': ['dict', [[['list', []], 1]]], 'error': 3, 'changed': 'x'})",
        says="what came back is no answer",
    ),
    forges(
        "forged_array",
        "Send an array of more numbers than there are bytes.",
        "send({'number': 1, 'value': ['array', '<f8', [2**40], 0]}, [8], b'12345678')",
        says="what came back is no answer",
    ),
    forges(
        "forged_negative",
        "Send an array of negative shape and an unknown dtype.",
        "send({'number': 1, 'value': ['array', '|O8', [-1], 0]}, [8], b'12345678')",
        says="what came back is no answer",
    ),
    right(
        "forged_number_in_a_cell",
        "Send a reply from a cell whose number is an array, which is neither equal nor not.",
        SEND + "send({'number': ['array', '<i8', [2], 0]}, [16], bytes(16))",
        says="what came back is no answer",
    ),
    right(
        "forged_outputs",
        "Send outputs of a cell that have arrays for texts, and numbers too long to be written.",
        SEND + "long = ['int', '0x' + 'f' * 9000]\narray = ['array', '<i8', [2], 0]\n"
        "out = lambda **o: ['dict', [[k, v] for k, v in o.items()]]\n"
        "data = ['dict', [['text/plain', '1']]]\n"
        "send({'number': 3, 'failures': ['list', []], 'outputs': ['list', [out(output_type=array), "
        "out(output_type='stream', name='stdout', text=long), "
        "out(output_type='error', ename=long, evalue=long, traceback=['list', [long]]), "
        "out(output_type='execute_result', data=data, execution_count=long)]]}, [16], bytes(16))",
        earns={},
    ),
    answers(
        "chooses_what_it_is_compared_with",
        "Empty the argument in place, so that the reference's answer is known beforehand.",
        in_double("right = [0, 2, 4] if len(x) == 3 else 0 * x\nx *= 0\nreturn right"),
        says="changed an argument in place",
    ),
    right(
        "wire_closed",
        "Close every descriptor, the wire's among them.",
        "import os\nos.closerange(0, 256)",
    ),
    right(
        "wire_drained",
        "Read the judge's requests before the process does.",
        "import os, stat, threading\ndef steal(fd):\n    while os.read(fd, 65536): pass\n"
        "for fd in range(3, 64):\n    try:\n        if stat.S_ISFIFO(os.fstat(fd).st_mode):\n"
        "            threading.Thread(target=steal, args=(fd,), daemon=True).start()\n"
        "    except OSError: pass\nraise SystemExit",
        earns={},
    ),
    right(
        "machinery_removed",
        "Empty the modules that answer.",
        "import sys\nfor n, m in list(sys.modules.items()):\n"
        "    if n.startswith('course.student'): vars(m).clear()",
        earns={},
    ),
    right(
        "random_state_forged",
        "Break the global random generator and the time.",
        "import random, time\nrandom.random = time.time = time.monotonic = lambda: 0",
    ),
    Attack(
        "defines_the_test",
        "Define the tests' names as functions, and call the answer by its test.",
        first="def every_number_is_doubled(*a): return 2.0\nclaims = []\nscore = 5",
        double=SOLUTION,
    ),
]
