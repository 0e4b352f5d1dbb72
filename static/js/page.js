/* What a script adds to a page that is whole without it: copying at one press, and the share sheet of the device. */

const said = (element, words) => {
  const label = element.querySelector("[aria-live]");
  const before = label.textContent;
  label.textContent = words;
  setTimeout(() => (label.textContent = before), 2000);
};

const copy = async (element, text) => {
  try {
    await navigator.clipboard.writeText(text);
    said(element, element.dataset.done);
  } catch {
    return false;
  }
  return true;
};

for (const button of navigator.clipboard ? document.querySelectorAll("[data-copies]") : []) {
  const source = document.getElementById(button.dataset.copies);
  button.hidden = false;
  button.addEventListener("click", () => {
    source.select?.();
    copy(button, (source.value ?? source.innerText).trim());
  });
}

for (const link of document.querySelectorAll("[data-share]")) {
  link.addEventListener("click", async (event) => {
    const { title } = link.dataset;
    const url = new URL(link.dataset.share, location.href).href;
    if (!navigator.share && !navigator.clipboard) return; // the link leads to the ways without a script
    event.preventDefault();
    if (!navigator.share) {
      if (!(await copy(link, url))) location.assign(link.href);
      return;
    }
    navigator.share({ title, url }).catch((error) => {
      if (error.name !== "AbortError") location.assign(link.href);
    });
  });
}
