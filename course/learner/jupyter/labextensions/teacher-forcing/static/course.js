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

  const activate = async (app) => {
    const { Widget } = await load("@lumino/widgets");
    const { ToolbarButton } = await load("@jupyterlab/apputils");
    const { ServerConnection } = await load("@jupyterlab/services");
    const settings = app.serviceManager.serverSettings;

    const asked = async (what, body) => {
      const url = `${settings.baseUrl}course/${what}`;
      const init = body ? { method: "POST", body: JSON.stringify(body) } : {};
      const response = await ServerConnection.makeRequest(url, init, settings);
      if (!response.ok) throw new Error(`the server answered ${response.status}`);
      return response.json();
    };

    const button = (panel, context, answer, what, label, tooltip, waiting) => {
      const press = async () => {
        made.enabled = false;
        try {
          if (context.model.dirty) await context.save(); // what is graded is the file
          answer.show(`<p>${waiting}</p>`);
          const said = await asked(what, { path: context.path });
          answer.show(said.html ?? escaped(said.text));
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
        button(
          panel, context, answer, "validate", "Validate",
          "Save, run the whole notebook afresh, and say which of the claims that you can see hold",
          "Saved. The notebook runs from its first cell to its last ...",
        );
        return button(
          panel, context, answer, "grade", "Grade",
          "Save, and run the hidden tests of a class on this notebook",
          "Saved. Running the hidden tests ...",
        );
      },
    });

    app.docRegistry.addWidgetExtension("Markdown Preview", {
      createNew: (widget, context) => {
        const follow = async () => {
          if (context.path !== "START.md" || document.hidden || !widget.isVisible) return;
          try {
            const { text } = await asked("start");
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
