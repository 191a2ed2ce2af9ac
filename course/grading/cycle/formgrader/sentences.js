// A click adds a sentence to the comment, or takes it out again; Formgrader's own code saves it.
(function () {
  const { offered, notice } = JSON.parse(document.getElementById("sentences").textContent);

  const paragraphs = (box) => box.value.split(/\n\s*\n/).map((one) => one.trim()).filter(Boolean);

  function toggle(box, sentence) {
    const before = paragraphs(box);
    const after = before.filter((one) => one !== sentence);
    if (after.length === before.length) after.push(sentence);
    box.value = after.join("\n\n");
    $(box).trigger("change"); // CommentUI of formgrade_models.js saves what is in the box then
    autosize.update(box);
  }

  function offer(box, sentences) {
    const place = document.createElement("div");
    place.className = "sentences";
    place.setAttribute("role", "group");
    place.setAttribute("aria-label", "Sentences for the comment");
    const buttons = sentences.map(({ text, uses }) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn btn-default btn-xs";
      button.textContent = text;
      button.title = `in ${uses || "no"} ${uses > 1 ? "comments" : "comment"} so far`;
      button.addEventListener("click", () => toggle(box, text));
      place.append(button);
      return button;
    });
    const show = () => {
      const there = new Set(paragraphs(box));
      buttons.forEach((one, at) => one.setAttribute("aria-pressed", there.has(sentences[at].text)));
    };
    $(box).on("change input", show);
    show();
    // Formgrader takes Tab and Enter for its own boxes: not where a sentence has the focus.
    place.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Escape") box.focus();
    });
    box.addEventListener("keydown", (event) => {
      if (!event.altKey || event.key !== "ArrowDown") return;
      event.preventDefault();
      buttons[0].focus();
    });
    const keys = document.createElement("span");
    keys.innerHTML = " <kbd>Alt</kbd>+<kbd>↓</kbd> goes here, <kbd>Esc</kbd> back";
    place.append(keys);
    box.after(place);
  }

  // By then the comments are in their boxes, and what changes in one is saved.
  $(document).one("ajaxStop", () => {
    if (!formgrader.comments.loaded) return;
    for (const [name, sentences] of Object.entries(offered)) {
      const box = document.getElementById(`${name}-comment`);
      if (box && sentences.length) offer(box, sentences);
    }
    if (!notice) return;
    const told = document.createElement("p");
    told.className = "alert alert-warning";
    told.setAttribute("role", "status");
    told.textContent = notice;
    document.getElementById("notebook-container").prepend(told);
  });
})();
