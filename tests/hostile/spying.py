"""Attacks on the machine: what a submission must not see, reach or change.

Each probe is an expression or some lines that raise an error, or give nothing, where they are
refused. All of them run in one cell; what is reached is printed as ``REACHED`` with its name.
"""

from __future__ import annotations

from pathlib import Path

from attack import Attack

#: Name, what it tries, and the lines; ``reached(value)`` says that there was something to see.
PROBES = [
    (
        "descriptors",
        "Use descriptors that it was started with: only pipes, the terminal's place, devices.",
        "reached([(n, oct(s.st_mode)) for n in range(256) for s in stats(n) "
        "if not (stat.S_ISFIFO(s.st_mode) or stat.S_ISCHR(s.st_mode))])",
    ),
    ("proc", "See other processes.", "reached(os.listdir('/proc'))"),
    ("sys", "See the machine's devices.", "reached(os.listdir('/sys'))"),
    ("home", "See anybody's home.", "reached(os.listdir('/home') + os.listdir('/root'))"),
    ("passwd", "Read the list of users.", "reached(open('/etc/passwd').read())"),
    ("course", "See the course by its path.", "reached(os.listdir({course!r}))"),
    ("canary", "Read a file of the instructor's.", "reached(open({canary!r}).read())"),
    ("gradebook", "Open the gradebook.", "reached(open({course!r} + '/gradebook.db'))"),
    (
        "above",
        "Walk up from the submission.",
        "reached([n for n in os.listdir('/submission/..') if n in ('source', 'work')])",
    ),
    (
        "files",
        "Find a notebook or a database in what is not a library.",
        "reached([p for top in os.listdir('/') if top not in ('usr', 'lib', 'lib64', 'libraries', "
        "'python') for d, _, f in os.walk('/' + top) for p in f if p.endswith(('.ipynb', '.db'))])",
    ),
    (
        "modules",
        "Import the grader and the engine.",
        "import importlib.util as u\nreached([n for n in ('course.grading', 'course.engine', "
        "'course.lessons', 'nbgrader', 'nbformat') if importlib.util.find_spec(n)])",
    ),
    (
        "environment",
        "Read the grader's environment.",
        "reached([k for k in os.environ if 'CANARY' in k or 'COURSE' in k or 'PATH' == k])",
    ),
    (
        "frames",
        "Find the tests in frames.",
        "f, seen = sys._getframe(), []\n"
        "while f: seen.append(str(f.f_code.co_names) + str(f.f_code.co_consts)); f = f.f_back\n"
        "reached('_'.join(['secret', 'input']) in str(seen))",
    ),
    (
        "garbage",
        "Find the tests among all objects.",
        "name = '_'.join(['secret', 'input'])\n"
        "reached([o for o in gc.get_objects() if type(o) is dict and name in o])",
    ),
    (
        "parent",
        "Read the parent's memory.",
        "reached(open(f'/proc/{os.getppid()}/mem', 'rb'))",
    ),
    ("ptrace", "Attach to the parent.", "reached(call(101, 16, os.getppid(), 0, 0))"),
    (
        "vm_read",
        "Read the parent's memory by call.",
        "reached(call(310, os.getppid(), 0, 0, 0, 0))",
    ),
    (
        "take_descriptor",
        "Take a parent's descriptor.",
        "reached(call(438, os.pidfd_open(1), 0, 0))",
    ),
    ("keyring", "Read the session's keyring.", "reached(call(250, 6, -3, 0, 0))"),
    ("add_key", "Leave a key in a keyring.", "reached(call(248, b'user', b'a', b'b', 1, -4))"),
    ("type_ahead", "Type into the terminal.", "reached(fcntl.ioctl(0, 0x5412, b'x') == 0)"),
    ("terminal", "Open the terminal.", "reached(os.open('/dev/tty', os.O_RDWR))"),
    ("console", "Open the console.", "reached(os.open('/dev/console', os.O_RDWR))"),
    ("disk", "Make a device of the disk.", "os.mknod('/tmp/d', 0o60600, 8 << 8)\nreached(True)"),
    ("mount", "Mount something.", "reached(call(165, b'none', b'/tmp', b'tmpfs', 0, 0))"),
    ("unshare", "Become root in a namespace.", "reached(call(272, 0x10000000))"),
    ("clone", "Become root by clone.", "reached(call(56, 0x10000011, 0, 0, 0, 0))"),
    ("chroot", "Change the root.", "os.chroot('/tmp')\nreached(True)"),
    ("set_uid", "Become another user.", "os.setuid(0)\nreached(True)"),
    ("bpf", "Load a program into the kernel.", "reached(call(321, 0, 0, 0))"),
    ("io_uring", "Use io_uring.", "reached(call(425, 1, ctypes.create_string_buffer(256)))"),
    ("userfault", "Use userfaultfd.", "reached(call(323, 0))"),
    ("memfd", "Make a file in memory.", "reached(os.memfd_create('x'))"),
    ("sysv", "Share memory by System V.", "reached(call(29, 0, 4096, 0o1600))"),
    ("posix", "Share memory by a file.", "open('/dev/shm/x', 'w')\nreached(True)"),
    ("queue", "Make a message queue.", "reached(call(240, b'x', 0o102, 0o600, 0))"),
    ("by_handle", "Open a file by its handle.", "reached(call(304, 3, 0, 0))"),
    (
        "loopback",
        "Talk to a server of this machine.",
        "reached(socket.create_connection(('127.0.0.1', {port}), 1))",
    ),
    (
        "loopback_6",
        "Talk to a server of this machine by IPv6.",
        "reached(socket.create_connection(('::1', {port}), 1))",
    ),
    ("network", "Talk to the network.", "reached(socket.create_connection(('1.1.1.1', 53), 1))"),
    ("names", "Look up a name.", "reached(socket.getaddrinfo('example.org', 80))"),
    ("vsock", "Talk to the host of a virtual machine.", "reached(socket.socket(40, 1, 0))"),
    ("netlink", "Talk to the kernel.", "reached(socket.socket(16, 3, 0))"),
    ("packets", "Read packets.", "reached(socket.socket(17, 3, 0))"),
    ("write_root", "Write into the root.", "open('/x', 'w')\nreached(True)"),
    ("write_library", "Change a library.", "open('/libraries/x.py', 'w')\nreached(True)"),
    (
        "write_python",
        "Change the interpreter's library.",
        "open(os.__file__, 'a')\nreached(True)",
    ),
    ("write_device", "Change the devices.", "open('/dev/x', 'w')\nreached(True)"),
    (
        "outside",
        "Write where the instructor keeps things.",
        "open({canary!r}, 'w').write('changed')\nreached(True)",
    ),
    (
        "raise_limits",
        "Raise its own limits.",
        "resource.setrlimit(resource.RLIMIT_AS, (-1, -1))\nreached(True)",
    ),
    ("be_first", "Take the machine's time.", "os.nice(-5)\nreached(True)"),
    (
        "other_processes",
        "Send a signal to a process outside.",
        "reached([p for p in range(3, 400) if p != os.getpid() and not os.kill(p, 0)])",
    ),
    ("host_name", "Learn the machine's name.", "reached(socket.gethostname() != 'answers')"),
    (
        "started_by",
        "Learn from the command line where things lie.",
        "reached([a for a in sys.orig_argv if {course!r} in a or 'tmp' in a])",
    ),
    (
        "paths",
        "Learn from tracebacks and modules where things lie.",
        "import numpy, course.checks\nreached([m.__file__ for m in sys.modules.values() "
        "if getattr(m, '__file__', None) and m.__file__.split('/')[1] not in ('libraries', 'python')])",
    ),
]

_HEAD = """
import ctypes, fcntl, gc, importlib, os, resource, socket, stat, sys
socket.setdefaulttimeout(1)
found = []
def reached(value):
    if isinstance(value, socket.socket) or value is True or value is not None and value not in (
        False, -1, [], ''
    ):
        found.append(repr(value)[:200])
def call(number, *args):
    return ctypes.CDLL(None, use_errno=True).syscall(number, *args)
def stats(n):
    try: return [os.fstat(n)]
    except OSError: return []
"""


def spy(course: Path, canary: Path, port: int) -> Attack:
    """Return the attack with all probes in it."""
    lines = [_HEAD]
    for name, _, source in PROBES:
        if "{" in source:
            for key, value in {"course": str(course), "canary": str(canary), "port": port}.items():
                source = source.replace(f"{{{key}!r}}", repr(value)).replace(
                    f"{{{key}}}", str(value)
                )
        body = "".join(f"    {line}\n" for line in source.splitlines())
        lines.append(f"try:\n{body}except Exception as error: pass")
        lines.append(f"for f in found: print('REACHED', {name!r}, f)\nfound.clear()")
    lines.append("print('all', 'probed')")
    return Attack(
        "spies",
        "Everything in PROBES.",
        first="\n".join(lines),
        says="all probed",
        hides="REACHED",
        beside=lambda folder: (folder / "a.txt").write_text("a"),
    )
