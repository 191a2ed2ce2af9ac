"""Print which sockets and folders are open here."""

import os
import stat

kinds = []
for number in range(256):
    try:
        mode = os.fstat(number).st_mode
    except OSError:
        continue
    kinds.append("socket" if stat.S_ISSOCK(mode) else "folder" if stat.S_ISDIR(mode) else "")
print(sorted(filter(None, kinds)))
