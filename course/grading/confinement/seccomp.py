"""The system calls that a student's process may not make, as a filter for the Linux kernel.

The namespaces of `sandbox` hide what they divide. Some of what a kernel offers they do not divide
(the instructor's session keyring, sockets to a virtual machine's host), and some of it holds memory
that no process is seen to have. No lesson needs any of this, so it is refused.
"""

from __future__ import annotations

import platform
import struct

#: Refused with "operation not permitted". Numbers on x86-64 and on 64-bit ARM; -1: not there.
REFUSED: dict[str, tuple[int, int]] = {
    # other processes
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    # keyrings, which are handed down from process to process through every namespace
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    # memory that no process is seen to have
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    # trees and namespaces
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "unshare": (272, 97),
    "setns": (308, 268),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "fanotify_init": (300, 262),
    "quotactl": (179, 60),
    # large doors into the kernel
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "personality": (135, 92),
    "modify_ldt": (154, -1),
    "iopl": (172, -1),
    "ioperm": (173, -1),
    # the machine
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "syslog": (103, 116),
    "acct": (163, 89),
    "vhangup": (153, 58),
    "settimeofday": (170, 170),
    "clock_settime": (227, 112),
    "adjtimex": (159, 171),
    "clock_adjtime": (305, 266),
}
_SOCKET, _SOCKETPAIR, _CLONE, _IOCTL = (41, 198), (53, 199), (56, 220), (16, 29)
#: Answered with "not there", upon which the C library uses `clone`, whose flags can be looked at.
_CLONE3 = (435, 435)
_AF_UNIX = 1
_CLONE_NEWUSER = 0x10000000
#: Typing into the terminal of whoever started the grader.
_TERMINAL_REQUESTS = (0x5412, 0x541C)
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST, _SECOND = 0, 4, 16, 24  # places in what the kernel shows
_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_EPERM, _ENOSYS = 0x00050000 | 1, 0x00050000 | 38
_X32 = 0x40000000


def _step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("HBBI", code, yes, no, value)


def program(machine: str = "") -> bytes:
    """Return the filter, in the form that bubblewrap's ``--seccomp`` reads.

    Parameters
    ----------
    machine : str, optional
        As `platform.machine` names it; by default this one.

    Returns
    -------
    bytes
        None (``b""``) for a machine whose numbers are not known here.
    """
    known = _MACHINES.get(machine or platform.machine())
    if known is None or struct.calcsize("P") != 8:
        return b""
    column, architecture = known
    steps = [_step(_LOAD, _ARCHITECTURE), _step(_EQUAL, architecture, 1, 0), _step(_RETURN, _KILL)]
    steps += [_step(_LOAD, _NUMBER)]
    if column == 0:  # the same calls under other numbers
        steps += [_step(_AT_LEAST, _X32, 0, 1), _step(_RETURN, _EPERM)]
    for numbers in REFUSED.values():
        if numbers[column] >= 0:
            steps += [_step(_EQUAL, numbers[column], 0, 1), _step(_RETURN, _EPERM)]
    steps += [_step(_EQUAL, _CLONE3[column], 0, 1), _step(_RETURN, _ENOSYS)]
    # Sockets between processes of the sandbox alone: a private network has no say over the rest.
    look = [_step(_LOAD, _FIRST), _step(_EQUAL, _AF_UNIX, 1, 0), _step(_RETURN, _EPERM)]
    for call in (_SOCKET, _SOCKETPAIR):
        steps += [*_only_for(call[column], look)]
    look = [_step(_LOAD, _FIRST), _step(_ANY_BIT, _CLONE_NEWUSER, 0, 1), _step(_RETURN, _EPERM)]
    steps += [*_only_for(_CLONE[column], look)]
    look = [_step(_LOAD, _SECOND)]
    for request in _TERMINAL_REQUESTS:
        look += [_step(_EQUAL, request, 0, 1), _step(_RETURN, _EPERM)]
    steps += [*_only_for(_IOCTL[column], look)]
    return b"".join([*steps, _step(_RETURN, _ALLOW)])


def _only_for(number: int, look: list[bytes]) -> list[bytes]:
    """Return steps that look at one call's arguments, and allow it where they do not refuse."""
    look = [*look, _step(_RETURN, _ALLOW)]
    return [_step(_EQUAL, number, 0, len(look)), *look]
