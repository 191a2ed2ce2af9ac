// What a screen reader says of a lab. ipywidgets' sliders have no name for it, nor have the fields
// beside them where a number is typed, and buttons for names do not say which is pressed; and words
// that are put into the page together with their live region are not read by every reader, so the
// region is what stays around them.
const lab = this.closest(".course-lab");
const set = (element, name, value) => {
  if (element && element.getAttribute(name) !== value) element.setAttribute(name, value);
};
const tell = () => {
  for (const slider of lab.querySelectorAll(".widget-hslider")) {
    const handle = slider.querySelector(".noUi-handle");
    const readout = slider.querySelector(".widget-readout");
    const label = slider.querySelector(".widget-label").textContent;
    set(handle, "aria-label", label);
    set(handle, "aria-valuetext", readout.textContent);
    if (readout.isContentEditable) {
      set(readout, "role", "textbox");
      set(readout, "aria-label", `${label}, as a number`);
    }
  }
  for (const names of lab.querySelectorAll(".widget-toggle-buttons")) {
    const buttons = names.querySelectorAll("button");
    set(buttons[0] && buttons[0].parentElement, "role", "group");
    set(buttons[0] && buttons[0].parentElement, "aria-label",
      names.querySelector(".widget-label").textContent);
    for (const one of buttons) set(one, "aria-pressed", String(one.matches(".mod-active")));
  }
  const said = lab.querySelector(".course-said");
  set(said, "aria-live", "polite");
  set(said, "role", "status");
};
const changes = { attributeFilter: ["aria-valuetext", "class"], childList: true, subtree: true };
new MutationObserver(tell).observe(lab, changes);
tell();
