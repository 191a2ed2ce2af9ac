// A kernel that runs another cell hears of what is set or pressed in a lab once that cell is done.
// The lab's picture stays until then, and this says why. The kernel answers at once otherwise: it
// writes the line anew, empty.
{
  const PATIENCE_MS = 1000;
  const lab = this.closest(".course-lab");
  const line = lab.querySelector(".course-heard");
  line.setAttribute("aria-live", "polite");
  let timer = 0;
  const heard = () => {
    clearTimeout(timer);
    timer = 0;
  };
  const asked = () => {
    if (timer) return;
    timer = setTimeout(() => {
      const said = line.querySelector("p");
      if (said) {
        said.textContent =
          "What you chose counts once the kernel is free: it runs another cell. If it was " +
          "restarted, run this cell again.";
      }
    }, PATIENCE_MS);
  };
  new MutationObserver(heard).observe(line, { childList: true, subtree: true, attributes: true });
  const set = { attributeFilter: ["aria-valuenow", "class"], attributeOldValue: true, subtree: true };
  new MutationObserver((all) => {
    const values = all.filter(({ target, attributeName, oldValue }) =>
      attributeName === "class"
        ? target.matches(".widget-toggle-button") &&
          target.matches(".mod-active") !== / mod-active( |$)/.test(` ${oldValue}`)
        : oldValue !== null && target.getAttribute(attributeName) !== oldValue,
    );
    if (values.length) asked();
  }).observe(lab, set);
  lab.addEventListener("change", asked);
  lab.addEventListener("click", ({ target }) => {
    if (target.closest(".widget-button:not(.widget-toggle-button)")) asked();
  });
}
