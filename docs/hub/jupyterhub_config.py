"""JupyterHub on one server with accounts of its own; site.toml says what differs between sites.

Run as root: `COURSE_SITE=/srv/course/site.toml jupyterhub -f jupyterhub_config.py`.
"""

import os
import tomllib
from pathlib import Path

c = get_config()
site = tomllib.loads(Path(os.environ.get("COURSE_SITE", "/srv/course/site.toml")).read_text())
FOLDER = Path(site["folder"])
ENVIRONMENT = FOLDER / "env"
COURSES = {course["owner"]: course for course in site["courses"]}

c.JupyterHub.bind_url = site["address"]
c.JupyterHub.hub_bind_url = site["hub"]
c.ConfigurableHTTPProxy.api_url = site["proxy"]
c.ConfigurableHTTPProxy.command = [str(FOLDER / "proxy/node_modules/.bin/configurable-http-proxy")]
c.ConfigurableHTTPProxy.pid_file = str(FOLDER / "run/proxy.pid")
c.JupyterHub.cookie_secret_file = str(FOLDER / "run/cookie_secret")
c.JupyterHub.db_url = f"sqlite:///{FOLDER / 'run/hub.sqlite'}"

# Accounts are the server's: whoever can log in to it can log in here.
c.JupyterHub.authenticator_class = "pam"
c.Authenticator.allow_all = True
c.PAMAuthenticator.open_sessions = False

c.Spawner.cmd = [str(ENVIRONMENT / "bin/jupyterhub-singleuser")]
c.Spawner.default_url = "/lab"
[SETTINGS] = ENVIRONMENT.glob("lib/python3*/site-packages/course/learner/jupyter")


def prepare(spawner):
    """Give whoever logs in the settings of their role, and a course's owner the course."""
    course = COURSES.get(spawner.user.name)
    settings = str(SETTINGS / ("instructor" if course else "student"))
    spawner.args = [
        f"--LabApp.app_settings_dir={settings}",
        # Else a terminal is a login shell, which sets another PATH than the one below.
        '--ServerApp.terminado_settings={"shell_command": ["/bin/bash"]}',
    ]
    spawner.environment = {
        "JUPYTER_CONFIG_PATH": settings,
        "PATH": f"{ENVIRONMENT / 'bin'}:/usr/local/bin:/usr/bin:/bin",
        "COURSE_VENV": str(ENVIRONMENT),
        "OPENBLAS_NUM_THREADS": "1",
    }
    if not course:  # locked cells look locked, Assignment List says when lessons are due
        spawner.args.append(f"--LabApp.extra_labextensions_path={SETTINGS / 'labextensions'}")
    else:
        spawner.environment |= {
            "COURSE_ROOT": course["folder"],
            "COURSE_GRADEBOOK": course["gradebook"],
        }


c.Spawner.pre_spawn_hook = prepare
