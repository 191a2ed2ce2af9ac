"""Take the calls that make namespaces from this process; print why there is no sandbox in it.

With an argument, as a machine that is no container and has none of the kernel's switches.
"""

import ctypes
import sys

from course.grading.confinement import nosandbox, seccomp
from course.grading.confinement.sandbox import why_no_sandbox

program = seccomp.program()


class Description(ctypes.Structure):
    _fields_ = [("n", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


held = ctypes.create_string_buffer(program, len(program))
about = Description(len(program) // 8, ctypes.cast(held, ctypes.c_void_p))
libc = ctypes.CDLL(None)
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, ctypes.byref(about), 0, 0) == 0
if len(sys.argv) > 1:
    nosandbox._is_container = lambda: False
    nosandbox._switch = lambda path: ""
print(why_no_sandbox())
