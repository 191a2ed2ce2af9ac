// The course in JupyterLab. Written by hand in the form that JupyterLab loads, so that nothing has
// to be built: a container that is given the modules that all extensions share, and gives a plugin.
(() => {
  let shared;

  const load = async (name) => {
    const [version] = Object.values(shared[name]);
    return (await version.get())();
  };

  const STYLE = `
    .course-answer { box-sizing: border-box; overflow: auto; padding: 6px 14px;
      border-bottom: 1px solid var(--jp-border-color1); background: var(--jp-layout-color1);
      color: var(--jp-ui-font-color1); font-size: var(--jp-ui-font-size1); }
    .course-answer .course-close { float: right; cursor: pointer; border: none; padding: 4px 8px;
      background: transparent; color: var(--jp-ui-font-color1); }
    .course-answer pre { white-space: pre-wrap; font-size: var(--jp-code-font-size); }
    .course-answer > [role="status"] { display: flow-root; } /* as high as it is with margins */
    .course-answer p { margin: 0.4em 0; }
    .course-answer a { color: var(--jp-content-link-color); text-decoration: underline; }
    .course-answer summary { cursor: pointer; }
    .jp-MarkdownViewer :is(p, code) { overflow-wrap: anywhere; }`;

  // Under the toolbar, above the cells: what the course has to say of the notebook.
  class Answer {
    constructor(panel, Widget, app) {
      this.panel = panel;
      this.widget = new Widget();
      const node = this.widget.node;
      this.widget.addClass("course-answer");
      node.addEventListener("click", (event) => {
        const link = event.target.closest("a");
        if (event.target.closest(".course-close")) {
          this.widget.hide();
        } else if (link) {
          event.preventDefault();
          const folder = this.panel.context.path.split("/").slice(0, -1).join("/");
          const url = new URL(link.getAttribute("href"), `http://lab/${folder ? `${folder}/` : ""}`);
          const path = decodeURIComponent(url.pathname.slice(1));
          // Where it is open already it shows the grading before.
          app.commands
            .execute("docmanager:open", { path })
            .then((opened) => opened && opened.context.ready.then(() => opened.context.revert()));
        }
      });
      node.addEventListener("toggle", () => this.fit(), true);
      panel.contentHeader.addWidget(this.widget);
      this.widget.hide();
      new ResizeObserver(() => this.widget.isVisible && this.fit()).observe(panel.node);
    }

    show(html) {
      this.widget.node.innerHTML =
        `<button class="course-close" aria-label="Close" title="Close">✕</button>` +
        `<div role="status">${html}</div>`;
      this.widget.show();
      this.fit();
      requestAnimationFrame(() => this.fit()); // once it is as wide as it will be
    }

    fit() {
      const node = this.widget.node;
      node.style.minHeight = node.style.maxHeight = "";
      const inside = node.lastElementChild.offsetHeight + 14;
      const height = Math.min(inside, 0.45 * this.panel.node.offsetHeight);
      node.style.minHeight = node.style.maxHeight = `${Math.ceil(height)}px`;
      this.panel.contentHeader.fit();
    }
  }

  const escaped = (text) => {
    const made = document.createElement("pre");
    made.textContent = text;
    return made.outerHTML;
  };

  // A lab replaces the still picture in its cell's output by what it shows. Which output that is,
  // JupyterLab forgets when its page is reloaded; the picture itself says it.
  const keepStills = (panel) => {
    panel.sessionContext.iopubMessage.connect((_, message) => {
      if (message.header.msg_type !== "update_display_data") return;
      const { data, metadata, transient } = message.content;
      for (const { type, outputs } of panel.content.model.cells) {
        for (let i = 0; type === "code" && i < outputs.length; i++) {
          const html = [outputs.get(i).data["text/html"] ?? ""].flat().join("");
          if (html !== data["text/html"] && html.includes(`data-still="${transient.display_id}"`)) {
            outputs.set(i, { output_type: "display_data", data, metadata });
          }
        }
      }
    });
  };

  const SECONDS = 1000;
  const PATIENCE = 90 * SECONDS;

  // On a hub there are no hidden tests: a notebook is handed in through nbgrader's exchange, where
  // `course watch` grades it and gives its page.
  class Exchange {
    constructor(asked, contents) {
      this.asked = asked;
      this.contents = contents;
    }

    async lessons(course) {
      const said = await this.asked(`assignments?course_id=${encodeURIComponent(course)}`);
      return Exchange.value(said);
    }

    static value({ success, value }) {
      if (!success) throw new Error(value.trim().split("\n").pop());
      return value;
    }

    async lessonOf(path) {
      for (const course of Exchange.value(await this.asked("courses"))) {
        const found = (await this.lessons(course)).find(
          (one) => one.status === "fetched" && one.notebooks.some((file) => file.path === path),
        );
        if (found) return found;
      }
      throw new Error(`Assignment List has fetched no lesson whose notebook is ${path}`);
    }

    static submissions(lessons, { assignment_id }) {
      const handedIn = lessons.filter((one) => one.status === "submitted");
      return handedIn.find((one) => one.assignment_id === assignment_id)?.submissions ?? [];
    }

    async submit({ course_id, assignment_id }) {
      const known = await this.lessons(course_id);
      const before = Exchange.submissions(known, { assignment_id }).map((one) => one.timestamp);
      const said = await this.asked("assignments/submit", { course_id, assignment_id });
      const after = Exchange.submissions(Exchange.value(said), { assignment_id });
      return after.map((one) => one.timestamp).find((moment) => !before.includes(moment));
    }

    // Fetch the page of a submission, less and less often asked for; undefined where none comes.
    async feedback(lesson, timestamp) {
      const ours = (lessons) =>
        Exchange.submissions(lessons, lesson).find((one) => one.timestamp === timestamp);
      const { course_id, assignment_id } = lesson;
      let pause = SECONDS;
      for (let waited = 0; waited < PATIENCE; waited += pause, pause += SECONDS / 2) {
        if (ours(await this.lessons(course_id))?.has_exchange_feedback) {
          const said = await this.asked("assignments/fetch_feedback", { course_id, assignment_id });
          return ours(Exchange.value(said)).local_feedback_path;
        }
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }

    // What a page says of its points, or why there are none yet.
    async told(path) {
      const { content } = await this.contents.get(path, { type: "file", format: "text", content: true });
      const page = new DOMParser().parseFromString(content, "text/html");
      return (page.querySelector(".points") ?? page.querySelector("p")).textContent.trim();
    }
  }

  const activate = async (app) => {
    const { Widget } = await load("@lumino/widgets");
    const { Dialog, ToolbarButton, showDialog } = await load("@jupyterlab/apputils");
    const { PageConfig } = await load("@jupyterlab/coreutils");
    const { ServerConnection } = await load("@jupyterlab/services");
    const settings = app.serviceManager.serverSettings;
    const onHub = PageConfig.getOption("courseGrades") === "exchange";

    const asked = async (what, body) => {
      const url = `${settings.baseUrl}${what}`;
      const init = body ? { method: "POST", body: JSON.stringify(body) } : {};
      const response = await ServerConnection.makeRequest(url, init, settings);
      if (!response.ok) throw new Error(`the server answered ${response.status}`);
      return response.json();
    };

    const saved = async (context) => {
      if (context.model.dirty) await context.save(); // what is graded is the file
    };

    const served = (what, waiting) => async (context, answer) => {
      await saved(context);
      answer.show(`<p>${waiting}</p>`);
      const said = await asked(`course/${what}`, { path: context.path });
      return said.html ?? escaped(said.text);
    };

    const exchange = new Exchange(asked, app.serviceManager.contents);
    const handedIn = async (context, answer) => {
      const lesson = await exchange.lessonOf(context.path);
      const due = lesson.due ? ` The lesson is due ${lesson.due}.` : "";
      const { button } = await showDialog({
        title: `Hand in ${lesson.assignment_id}?`,
        body: `The notebook is saved and handed in, and your course may grade it at once.${due}`,
        buttons: [Dialog.cancelButton(), Dialog.okButton({ label: "Hand in" })],
      });
      if (!button.accept) return "<p>Nothing was handed in.</p>";
      await saved(context);
      answer.show("<p>Handing in ...</p>");
      const timestamp = await exchange.submit(lesson);
      answer.show(`<p>Handed in at ${timestamp}. Waiting for feedback ...</p>`);
      const folder = await exchange.feedback(lesson, timestamp);
      if (!folder) {
        return (
          `<p>Handed in at ${timestamp}. No feedback has come yet: choose <b>Fetch Feedback</b> in ` +
          `the Assignment List once your course has graded it.</p>`
        );
      }
      const name = `${context.path.split("/").pop().replace(/\.ipynb$/, "")}.html`;
      const link = ["feedback", folder.split("/").pop(), name].map(encodeURIComponent).join("/");
      const said = await exchange.told(`${folder}/${name}`);
      return `${escaped(said)}<p><a href="${link}">Feedback page</a></p>`;
    };

    const button = (panel, context, answer, what, label, tooltip, work) => {
      const press = async () => {
        made.enabled = false;
        try {
          answer.show(await work(context, answer));
        } catch (error) {
          answer.show(escaped(`${label} did not work: ${error.message}. Is the server still running?`));
        } finally {
          made.enabled = true;
        }
      };
      const made = new ToolbarButton({ label, tooltip, onClick: press });
      panel.toolbar.insertItem(10, what, made);
      return made;
    };

    document.head.appendChild(document.createElement("style")).textContent = STYLE;
    app.docRegistry.addWidgetExtension("Notebook", {
      createNew: (panel, context) => {
        keepStills(panel);
        const answer = new Answer(panel, Widget, app);
        if (onHub) {
          return button(
            panel, context, answer, "grade", "Grade",
            "Save, hand in, and wait for feedback", handedIn,
          );
        }
        button(
          panel, context, answer, "validate", "Validate",
          "Save, run the whole notebook afresh, and say which of the claims that you can see hold",
          served("validate", "Saved. The notebook runs from its first cell to its last ..."),
        );
        return button(
          panel, context, answer, "grade", "Grade",
          "Save, and run the hidden tests of a class on this notebook",
          served("grade", "Saved. Running the hidden tests ..."),
        );
      },
    });

    app.docRegistry.addWidgetExtension("Markdown Preview", {
      createNew: (widget, context) => {
        const follow = async () => {
          if (onHub || context.path !== "START.md" || document.hidden || !widget.isVisible) return;
          try {
            const { text } = await asked("course/start");
            if (text !== context.model.toString()) await context.revert();
          } catch {
            // The server is gone, which JupyterLab says itself.
          }
        };
        const timer = setInterval(follow, 2000);
        widget.disposed.connect(() => clearInterval(timer));
        return widget;
      },
    });
  };

  const plugin = { id: "teacher-forcing:plugin", autoStart: true, activate };
  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB["teacher-forcing"] = {
    init: (scope) => {
      shared = scope;
    },
    get: async () => {
      const { IRenderMimeRegistry } = await load("@jupyterlab/rendermime");
      plugin.requires = [IRenderMimeRegistry]; // so that it is there before
      return () => ({ __esModule: true, default: plugin });
    },
  };
})();
