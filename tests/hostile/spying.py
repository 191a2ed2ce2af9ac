"""Attacks on the machine: what a submission must not see, reach or change.

Each probe is a few lines that call ``reached`` with what there was to see, or raise an error. They
run twice: in one cell of a submission, where nothing may be reached, and outside the sandbox as the
control, where everything must be that this machine has at all. A probe that fails by a slip of its
own (a wrong argument, a name that is not there) is no refusal, and is told as broken in both.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Probe:
    """One thing to try.

    Attributes
    ----------
    name, tries : str
        A word, and a sentence.
    source : str
        The lines; they may use what `probing.HEAD` defines.
    hangs_on : str
        What not every machine has, so that the control may be refused: ``"kernel"`` for a setting
        or a part of the kernel, ``"root"`` for a right of the administrator's.
    """

    name: str
    tries: str
    source: str
    hangs_on: str = ""


PROBES = (
    Probe(
        "descriptors",
        "Use descriptors that it was started with: only pipes, the terminal's place, devices.",
        "reached([(n, oct(s.st_mode)) for n in range(256) for s in stats(n) "
        "if not (stat.S_ISFIFO(s.st_mode) or stat.S_ISCHR(s.st_mode))])",
    ),
    Probe("proc", "See other processes.", "reached(os.listdir('/proc'))"),
    Probe("sys", "See the machine's devices.", "reached(os.listdir('/sys'))"),
    Probe(
        "home", "See anybody's home.", "reached(os.listdir(os.path.expanduser('~root')))", "root"
    ),
    Probe("passwd", "Read the list of users.", "reached(open('/etc/passwd').read())"),
    Probe("course", "See the course by its path.", "reached(os.listdir(COURSE))"),
    Probe("canary", "Read a file of the instructor's.", "reached(open(CANARY).read())"),
    Probe(
        "gradebook", "Open the gradebook.", "reached(open(COURSE + '/gradebook.db', 'rb').read())"
    ),
    Probe(
        "above",
        "Walk up from the submission.",
        "reached([n for n in os.listdir(FILES + '/..') if n in ('source', 'work')])",
    ),
    Probe(
        "files",
        "Find a notebook or a database in what is not a library.",
        "reached([p for top in TOPS for d, _, f in os.walk(top) for p in f "
        "if p.endswith(('.ipynb', '.db'))])",
    ),
    Probe(
        "modules",
        "Import the grader and the engine.",
        "for name in ('course.grading', 'course.engine', 'course.maintain', "
        "'course.lessons.misconceptions', 'nbgrader'):\n"
        "    try: spec = importlib.util.find_spec(name)\n"
        "    except ModuleNotFoundError: continue\n"
        "    if spec: reached(name)",
    ),
    Probe(
        "environment",
        "Read the grader's environment.",
        "reached([k for k in os.environ if 'CANARY' in k or 'COURSE' in k or 'PATH' == k])",
    ),
    Probe(
        "frames",
        "Find the tests in frames.",
        "f, seen = sys._getframe(), []\n"
        "while f: seen.append(str(f.f_code.co_names) + str(f.f_code.co_consts)); f = f.f_back\n"
        "reached('_'.join(['secret', 'input']) in str(seen))",
    ),
    Probe(
        "garbage",
        "Find the tests among all objects.",
        "name = '_'.join(['secret', 'input'])\n"
        "reached([type(o) for o in gc.get_objects() if type(o) is dict and name in o])",
    ),
    Probe(
        "parent",
        "Read another process's memory.",
        "reached(open(f'/proc/{OTHER}/mem', 'rb').fileno())",
    ),
    Probe(
        "ptrace",
        "Attach to another process.",
        "call('ptrace', 0x4206, OTHER, 0, 0)  # PTRACE_SEIZE\nreached(True)",
    ),
    Probe(
        "vm_read",
        "Read another process's memory by call.",
        "there = ctypes.create_string_buffer(8)\n"
        "place = (ctypes.c_size_t * 2)(ctypes.addressof(WORD), 8)\n"
        "into = (ctypes.c_size_t * 2)(ctypes.addressof(there), 8)\n"
        "reached(call('process_vm_readv', OTHER, into, 1, place, 1, 0) == 8)",
    ),
    Probe(
        "take_descriptor",
        "Take another process's descriptor.",
        "reached(call('pidfd_getfd', call('pidfd_open', OTHER, 0), 1, 0) >= 0)",
    ),
    Probe("keyring", "Find the session's keyring.", "reached(call('keyctl', 0, -3, 0))", "kernel"),
    Probe(
        "add_key",
        "Leave a key in a keyring.",
        "reached(call('add_key', b'user', b'probe', b'bytes', 5, -2))",
        "kernel",
    ),
    Probe(
        "terminal",
        "Open the terminal that the grader was started from.",
        "reached(os.isatty(os.open('/dev/tty', os.O_RDWR)))",
    ),
    Probe(
        "type_ahead",
        "Type into that terminal.",
        "fcntl.ioctl(os.open('/dev/tty', os.O_RDWR), 0x5412, b'x')\nreached(True)",
        "kernel",
    ),
    Probe(
        "console", "Open the console.", "reached(os.open('/dev/console', os.O_RDWR) >= 0)", "root"
    ),
    Probe(
        "disk",
        "Make a device of the disk.",
        "os.mknod(FRESH + '/disk', 0o60600, os.makedev(8, 0))\nreached(True)",
        "root",
    ),
    Probe(
        "mount",
        "Mount something.",
        "os.mkdir(FRESH + '/on')\n"
        "call('mount', b'none', FRESH.encode() + b'/on', b'tmpfs', 0, 0)\n"
        "reached(call('umount2', FRESH.encode() + b'/on', 2) == 0)",
        "root",
    ),
    Probe(
        "unshare",
        "Become root in a namespace.",
        "reached(call('unshare', 0x10000000) == 0)",
        "kernel",
    ),
    Probe(
        "clone",
        "Become root in a namespace by clone.",
        "child = call('clone', 0x10000011, 0, 0, 0, 0)\n"
        "if child == 0: os._exit(0)\n"
        "os.waitpid(child, 0)\nreached(True)",
        "kernel",
    ),
    Probe("chroot", "Change the root.", "os.chroot(FRESH)\nreached(True)", "root"),
    Probe(
        "set_uid",
        "Become another user. (EINVAL: the namespace has no such user.)",
        "try: os.setuid(0)\nexcept OSError as error:\n"
        "    raise OSError(errno.EPERM, 'no such user') if error.errno == errno.EINVAL else error\n"
        "reached(True)",
        "root",
    ),
    Probe(
        "bpf",
        "Load a map into the kernel.",
        "about = struct.pack('IIIII', 2, 4, 4, 1, 0).ljust(120, bytes(1))\n"
        "reached(call('bpf', 0, about, 120) >= 0)",
        "root",
    ),
    Probe(
        "io_uring",
        "Use io_uring.",
        "reached(call('io_uring_setup', 1, ctypes.create_string_buffer(120)) >= 0)",
        "kernel",
    ),
    Probe("userfault", "Use userfaultfd.", "reached(call('userfaultfd', 1) >= 0)", "kernel"),
    Probe("memfd", "Make a file in memory.", "reached(os.memfd_create('x') >= 0)"),
    Probe(
        "sysv",
        "Share memory by System V.",
        "number = call('shmget', 0, 4096, 0o1600)\n"
        "reached(number >= 0)\ncall('shmctl', number, 0, 0)",
    ),
    Probe(
        "posix",
        "Share memory by a file.",
        "open('/dev/shm/probe_of_the_course', 'w').close()\nreached(True)\n"
        "os.remove('/dev/shm/probe_of_the_course')",
    ),
    Probe(
        "queue",
        "Make a message queue.",
        "reached(call('mq_open', b'probe_of_the_course', 0o102, 0o600, 0) >= 0)\n"
        "call('mq_unlink', b'probe_of_the_course')",
        "kernel",
    ),
    Probe(
        "by_handle",
        "Open a file by its handle.",
        "handle = ctypes.create_string_buffer(struct.pack('I', 128), 136)\n"
        "call('name_to_handle_at', -100, b'/', handle, ctypes.byref(ctypes.c_int()), 0)\n"
        "reached(call('open_by_handle_at', os.open('/', 0), handle, 0) >= 0)",
        "root",
    ),
    Probe(
        "loopback",
        "Talk to a server of this machine.",
        "reached(socket.create_connection(('127.0.0.1', PORT), 20).fileno())",
    ),
    Probe(
        "loopback_6",
        "Talk to a server of this machine by IPv6.",
        "reached(socket.create_connection(('::1', PORT), 20).fileno())",
        "kernel",
    ),
    Probe(
        "network",
        "Find a way to another machine. (To connect a datagram socket sends nothing.)",
        "way = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        "way.connect(('192.0.2.1', 9))\nreached(way.getsockname())",
        "kernel",
    ),
    Probe("names", "Learn who looks up names.", "reached(open('/etc/resolv.conf').read())"),
    Probe(
        "vsock",
        "Talk to the host of a virtual machine.",
        "reached(socket.socket(40, socket.SOCK_STREAM).fileno() >= 0)",
        "kernel",
    ),
    Probe("netlink", "Talk to the kernel.", "reached(socket.socket(16, 3, 0).fileno() >= 0)"),
    Probe("packets", "Read packets.", "reached(socket.socket(17, 3, 0).fileno() >= 0)", "root"),
    Probe(
        "write_root",
        "Write into the root.",
        "open('/probe_of_the_course', 'w').close()\nreached(True)\n"
        "os.remove('/probe_of_the_course')",
        "root",
    ),
    Probe(
        "write_library", "Change a library.", "open(LIBRARY + '/x.py', 'w').close()\nreached(True)"
    ),
    Probe(
        "write_python",
        "Change the interpreter's library.",
        "open(os.__file__, 'a').close()\nreached(True)",
        "root",
    ),
    Probe(
        "write_device",
        "Change the devices.",
        "open('/dev/probe_of_the_course', 'w').close()\nreached(True)\n"
        "os.remove('/dev/probe_of_the_course')",
        "root",
    ),
    Probe(
        "outside",
        "Write where the instructor keeps things.",
        "open(CANARY, 'a').close()\nreached(True)",
    ),
    Probe(
        "raise_limits",
        "Raise its own limits.",
        "resource.setrlimit(resource.RLIMIT_AS, (-1, -1))\nreached(True)",
    ),
    Probe("be_first", "Take the machine's time.", "os.nice(-5)\nreached(True)", "root"),
    Probe(
        "other_processes",
        "Send a signal to a process outside.",
        "os.kill(VICTIM, 0)\nreached(True)",
    ),
    Probe("host_name", "Learn the machine's name.", "reached(socket.gethostname() != 'answers')"),
    Probe(
        "started_by",
        "Learn from the command line where things lie.",
        "reached([a for a in sys.orig_argv if COURSE in a or 'tmp' in a])",
    ),
    Probe(
        "paths",
        "Learn from tracebacks and modules where things lie.",
        "import numpy, course.checks\nreached([m.__file__ for m in sys.modules.values() "
        "if getattr(m, '__file__', None) and m.__file__.split('/')[1] not in ('libraries', 'python')])",
    ),
)
