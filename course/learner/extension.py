"""What JupyterLab's page asks the course: to grade or validate a notebook, and of the start page.

The page's side is in ``jupyter/labextensions/``.
"""

from __future__ import annotations

import asyncio
import functools
from pathlib import Path
from typing import Any

from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado import web

from course.learner import asking, page
from course.lessons import course_root


class _Asked(APIHandler):  # type: ignore[misc]
    """Answers about the folder that is served."""

    async def _aside(self, function: Any, *arguments: Any) -> Any:
        """Call a function in a thread, so that kernels are served meanwhile."""
        call = functools.partial(function, *arguments)
        return await asyncio.get_running_loop().run_in_executor(None, call)


class NotebookHandler(_Asked):
    """Has a command of the course look at one notebook."""

    def initialize(self, module: str) -> None:
        """Take the command."""
        self._module = module

    @web.authenticated
    async def post(self) -> None:
        """Answer with what the command says."""
        work = Path(self.settings["server_root_dir"]).expanduser().resolve()
        notebook = (work / str((self.get_json_body() or {}).get("path", ""))).resolve()
        if not notebook.is_relative_to(work) or not notebook.is_file():
            raise web.HTTPError(404, "there is no such notebook")
        self.finish(await self._aside(asking.ask, self._module, notebook))


class StartHandler(_Asked):
    """Keeps the start page up to date while it is looked at."""

    @web.authenticated
    async def get(self) -> None:
        """Write the page anew where it would say something else; answer with what it says."""
        root = course_root()
        self.finish({"text": await self._aside(page.refresh, root, root / "work")})


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "course.learner.extension"}]


def _load_jupyter_server_extension(server: Any) -> None:
    base = server.web_app.settings["base_url"]
    handlers = [
        ("grade", NotebookHandler, {"module": "course.learner.check"}),
        ("validate", NotebookHandler, {"module": "course.learner.validate"}),
        ("start", StartHandler, {}),
    ]
    server.web_app.add_handlers(
        ".*$", [(url_path_join(base, "course", name), *handler) for name, *handler in handlers]
    )
