// One click on the picture writes its focal point into the two number fields, and back: the fields stay the form.
for (const frame of document.querySelectorAll("[data-focal]")) {
  const [across, down] = ["across", "down"].map((name) => document.getElementById(frame.dataset[name]));
  if (!across || !down) continue;
  const show = () => {
    for (const circle of frame.querySelectorAll("circle")) {
      circle.setAttribute("cx", `${100 * (across.value || 0.5)}%`);
      circle.setAttribute("cy", `${100 * (down.value || 0.5)}%`);
    }
  };
  const share = (part, whole) => Math.min(1, Math.max(0, part / whole)).toFixed(2);
  frame.classList.add("can-choose");
  frame.addEventListener("click", (event) => {
    const box = frame.getBoundingClientRect();
    across.value = share(event.clientX - box.left, box.width);
    down.value = share(event.clientY - box.top, box.height);
    for (const field of [across, down]) field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  for (const field of [across, down]) field.addEventListener("input", show);
  show();
}
