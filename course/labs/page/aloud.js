// What a screen reader says of a lab. ipywidgets' sliders have no name for it, and one over names
// says the number of the name; and words that are put into the page together with their live
// region are not read by every reader, so the region is what stays around them.
const lab = this.closest(".course-lab");
const set = (element, name, value) => {
  if (element && element.getAttribute(name) !== value) element.setAttribute(name, value);
};
const tell = () => {
  for (const slider of lab.querySelectorAll(".widget-hslider")) {
    const handle = slider.querySelector(".noUi-handle");
    set(handle, "aria-label", slider.querySelector(".widget-label").textContent);
    set(handle, "aria-valuetext", slider.querySelector(".widget-readout").textContent);
  }
  const said = lab.querySelector(".course-said");
  set(said, "aria-live", "polite");
  set(said, "role", "status");
};
const changes = { attributeFilter: ["aria-valuetext"], childList: true, subtree: true };
new MutationObserver(tell).observe(lab, changes);
tell();
