"""Print the status that an address answers with, asked with a token or with none."""

import sys
from urllib.error import HTTPError
from urllib.request import Request, urlopen

address, token = sys.argv[1:]
try:
    headers = {"Authorization": f"token {token}"} if token else {}
    print(urlopen(Request(address, headers=headers)).status)
except HTTPError as refused:
    print(refused.code)
