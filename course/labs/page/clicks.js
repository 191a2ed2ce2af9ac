// A part of a picture that names a slider, and a value of it, sets that where it is clicked.
this.closest(".course-lab").addEventListener("click", (event) => {
  const part = event.target.closest("[data-slider]");
  if (!part) return;
  for (const slider of event.currentTarget.querySelectorAll(".widget-hslider")) {
    if (slider.querySelector(".widget-label").textContent === part.dataset.slider)
      slider.querySelector(".noUi-target").noUiSlider.set(Number(part.dataset.to));
  }
});
