// nbgrader's Assignment List says when a lesson is due: the server's list knows, its page does not.
// Written by hand in the form that JupyterLab loads, so that nothing is built.
(() => {
  let shared;

  const load = async (name) => {
    const [version] = Object.values(shared[name]);
    return (await version.get())();
  };

  const ROWS = "#released_assignments_list > .list_item, #fetched_assignments_list > .list_item";
  const STYLE = ".course-due { margin-left: 1em; color: var(--jp-ui-font-color1); }";

  const activate = async (app) => {
    const { ServerConnection } = await load("@jupyterlab/services");
    const { URLExt } = await load("@jupyterlab/coreutils");
    document.head.appendChild(document.createElement("style")).textContent = STYLE;
    const settings = app.serviceManager.serverSettings;

    // When the lessons of a course are due, by their names.
    const ask = async (course) => {
      const address = URLExt.join(settings.baseUrl, "assignments");
      const query = `?course_id=${encodeURIComponent(course)}`;
      const answer = await ServerConnection.makeRequest(address + query, {}, settings);
      const { value } = await answer.json();
      return new Map(value.map((lesson) => [lesson.assignment_id, lesson.due]));
    };

    // Rows are made anew whenever the list is: each is filled in once.
    const fill = () => {
      const rows = [...document.querySelectorAll(ROWS)].filter((row) => !row.dataset.due);
      const courses = new Map();
      for (const row of rows) {
        const course = row.querySelector(".item_course")?.textContent ?? "";
        row.dataset.due = "asked";
        courses.set(course, [...(courses.get(course) ?? []), row]);
      }
      courses.forEach(async (some, course) => {
        try {
          const due = await ask(course);
          for (const row of some) {
            const name = row.querySelector(".item_name");
            const date = due.get(name.textContent.trim());
            if (date) {
              const told = name.appendChild(document.createElement("span"));
              told.className = "course-due";
              told.textContent = `due ${date}`;
            }
          }
        } catch (error) {
          console.warn("When lessons are due could not be asked", error);
        }
      });
    };

    let waits = false;
    new MutationObserver(() => {
      if (!waits) {
        waits = true;
        requestAnimationFrame(() => {
          waits = false;
          fill();
        });
      }
    }).observe(document.body, { childList: true, subtree: true });
  };

  const plugin = { id: "teacher-forcing-due:plugin", autoStart: true, activate };
  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB["teacher-forcing-due"] = {
    init: (scope) => {
      shared = scope;
    },
    get: async () => () => ({ __esModule: true, default: plugin }),
  };
})();
