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


def arguments(role):
    """Return what JupyterLab is started with for a role."""
    return [
        f"--LabApp.app_settings_dir={SETTINGS / role}",
        # Else a terminal is a login shell, which sets another PATH than the one below.
        '--ServerApp.terminado_settings={"shell_command": ["/bin/bash"]}',
    ]


def environment(role, course=None):
    """Return the variables for a role; an instructor gets the course."""
    variables = {
        "JUPYTER_CONFIG_PATH": str(SETTINGS / role),
        "PATH": f"{ENVIRONMENT / 'bin'}:/usr/local/bin:/usr/bin:/bin",
        "COURSE_VENV": str(ENVIRONMENT),
        "OPENBLAS_NUM_THREADS": "1",
    }
    if course:
        variables["COURSE_ROOT"] = course["folder"]
        variables["COURSE_GRADEBOOK"] = course["gradebook"]
    return variables


def groups_of(user):
    """Return the names of somebody's groups, which the admin's page can change."""
    return {group.name for group in user.groups}


def prepare(spawner):
    """Give whoever logs in the settings of their role, and a course's owner the course."""
    course = COURSES.get(spawner.user.name)
    role = "instructor" if course else "student"
    spawner.args = arguments(role)
    spawner.environment = environment(role, course)
    if not course:  # locked cells look locked, Assignment List says when lessons are due
        spawner.args.append(f"--LabApp.extra_labextensions_path={SETTINGS / 'labextensions'}")
        theirs = [course["name"] for course in site["courses"]]
        if len(theirs) > 1:
            theirs = [name for name in theirs if f"nbgrader-{name}" in groups_of(spawner.user)]
        # nbgrader_config.py reads it: with one course alone, nobody is asked which.
        spawner.environment["COURSE_NAME"] = theirs[0] if len(theirs) == 1 else ""


c.Spawner.pre_spawn_hook = prepare

# Students of several courses: nbgrader asks the hub which.
c.JupyterHub.load_groups = {
    f"nbgrader-{course['name']}": {"users": course.get("students", [])}
    for course in site["courses"]
}
c.JupyterHub.load_roles = [
    {
        "name": "server",
        "scopes": ["users:activity!user", "access:servers!server", "read:users:groups!user"],
    }
]

# Several instructors of a course: a JupyterLab of the account that owns it, for a group.
SHARED = {course["name"]: course for course in site["courses"] if course.get("instructors")}
for name, course in SHARED.items():
    c.JupyterHub.load_groups[f"formgrade-{name}"] = {"users": course["instructors"]}
    c.JupyterHub.load_roles.append(
        {
            "name": f"formgrade-{name}",
            "groups": [f"formgrade-{name}"],
            "scopes": [f"access:services!service={name}"],
        }
    )
    c.JupyterHub.services.append(
        {
            "name": name,
            "url": course["service"],
            "user": course["owner"],
            "cwd": str(Path(course["folder"]).parent),
            "command": [*c.Spawner.cmd, *arguments("instructor")],
            "environment": environment("instructor", course) | {"JUPYTERHUB_DEFAULT_URL": "/lab"},
            "oauth_no_confirm": True,
            "timeout": 300,
        }
    )


def first_page(handler):
    """Send instructors who share one course to it; everybody else goes to a server of their own."""
    user = handler.current_user
    theirs = [name for name in SHARED if user and f"formgrade-{name}" in groups_of(user)]
    if len(theirs) != 1 or user.name in COURSES:
        return ""
    return f"{handler.base_url}services/{theirs[0]}/lab"


c.JupyterHub.default_url = first_page
