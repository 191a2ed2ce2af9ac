// Cells of the course's notebooks: locked ones look locked, and are copied as cells to play with.
// Written by hand in the form that JupyterLab loads, so that nothing is built.
(() => {
  let shared;

  const load = async (name) => {
    const [version] = Object.values(shared[name]);
    return (await version.get())();
  };

  // Tables keep the width of their words, and formulas theirs: where the page is narrow or enlarged
  // they are scrolled.
  const STYLE = `
    .jp-Notebook .jp-CodeCell .jp-mod-readOnly { position: relative; cursor: default;
      padding-right: 4em; /* the room of its mark */
      background: var(--jp-layout-color2); border-left: 3px solid var(--jp-border-color0); }
    .jp-Notebook .jp-CodeCell .jp-mod-readOnly::after { content: "locked"; position: absolute;
      top: 2px; right: 6px; font-family: var(--jp-ui-font-family); pointer-events: none;
      font-size: var(--jp-ui-font-size0); color: var(--jp-ui-font-color1);
      background: var(--jp-layout-color2); }
    .jp-Notebook .jp-CodeCell.jp-mod-active .jp-mod-readOnly::after { top: auto; bottom: 2px; }
    .jp-Notebook .jp-RenderedHTMLCommon table { display: block; width: fit-content;
      max-width: 100%; padding: 0 4px 2px 0; /* the half of a shared border, and of a pixel */
      overflow: auto hidden; table-layout: auto; }
    /* A figure's letters are shown of 11 pixels or more. */
    .jp-Notebook .jp-RenderedImage img { max-width: max(100%, 560px); }
    .jp-Notebook .jp-RenderedHTMLCommon details { margin-bottom: 1em; }
    .jp-Notebook .jp-Placeholder-content { min-width: 0; }
    .jp-Notebook .jp-RenderedText pre { word-break: normal; overflow-wrap: anywhere; }
    .jp-Notebook .jp-RenderedHTMLCommon mjx-container[display="true"] { max-width: 100%;
      overflow: auto hidden; }`;

  const COMMAND = "course:copy-cell";

  const activate = async (app) => {
    const { CommandToolbarButton } = await load("@jupyterlab/apputils");
    document.head.appendChild(document.createElement("style")).textContent = STYLE;

    // The notebook that the learner looks at.
    const notebook = () => {
      const widget = app.shell.currentWidget;
      return widget && widget.content && widget.content.widgets && widget.content.activeCell
        ? widget.content
        : null;
    };

    app.commands.addCommand(COMMAND, {
      label: "Copy cell",
      caption: "Copy this locked cell to one of your own below it; it runs when you are graded",
      // A copy of an answer would be run after it, and count in its place.
      isEnabled: () => {
        const model = notebook()?.activeCell.model;
        return model?.type === "code" && model.getMetadata("editable") === false;
      },
      execute: () => {
        const cells = notebook();
        const source = cells.activeCell.model.sharedModel.getSource();
        const below = cells.activeCellIndex + 1;
        cells.model.sharedModel.insertCell(below, {
          cell_type: "code",
          source,
          metadata: { trusted: true },
        });
        cells.activeCellIndex = below;
        cells.deselectAll();
      },
    });
    app.contextMenu.addItem({ command: COMMAND, selector: ".jp-Notebook .jp-CodeCell", rank: 1 });
    app.docRegistry.addWidgetExtension("Notebook", {
      createNew: (panel) => {
        const made = new CommandToolbarButton({ commands: app.commands, id: COMMAND });
        const follow = () => app.commands.notifyCommandChanged(COMMAND);
        panel.content.activeCellChanged.connect(follow);
        panel.toolbar.insertItem(11, "copy-cell", made);
        return made;
      },
    });
  };

  const plugin = { id: "teacher-forcing-cells:plugin", autoStart: true, activate };
  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB["teacher-forcing-cells"] = {
    init: (scope) => {
      shared = scope;
    },
    get: async () => () => ({ __esModule: true, default: plugin }),
  };
})();
