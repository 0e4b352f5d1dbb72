// Keeps the clipboard's HTML beside the pasted text, and takes a file dropped anywhere on the page. Without it the
// text is read as plain text, and a file is chosen.
const form = document.getElementById("release-form");
const text = form.elements.text;
const rich = form.elements.rich;
const file = form.elements.file;
const status = document.getElementById("kept");
let pasted = null; // what the text was right after the paste

// Only what makes it long without being read: the server sanitises, this just keeps the request small.
const lightened = (html) =>
  html
    .replace(/<!--[\s\S]*?-->/g, "")
    .replace(/<style[\s\S]*?<\/style>/gi, "")
    .replace(/\s(?:style|class|src|srcset)=(?:"[^"]*"|'[^']*')/gi, "");

const tell = (words) => {
  status.textContent = words ?? "";
};

text.addEventListener("paste", (event) => {
  const html = event.clipboardData?.getData("text/html") ?? "";
  const replacesAll = text.selectionStart === 0 && text.selectionEnd === text.value.length;
  setTimeout(() => {
    const short = html && html.length < Number(form.dataset.limit) * 2;
    rich.value = replacesAll && short ? lightened(html) : "";
    pasted = rich.value ? text.value : null;
    tell(rich.value ? form.dataset.formatted : "");
  });
});

text.addEventListener("input", () => {
  if (pasted !== null && text.value !== pasted && rich.value) {
    rich.value = "";
    tell(text.value ? form.dataset.plain : "");
  }
});

form.addEventListener("submit", (event) => {
  if (new Blob([text.value]).size > Number(form.dataset.limit)) {
    event.preventDefault();
    tell(form.dataset.tooLong);
    text.focus();
  } else if (new Blob([text.value, rich.value]).size > Number(form.dataset.limit) * 2) {
    rich.value = "";
  }
});

addEventListener("dragover", (event) => {
  if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
});
addEventListener("drop", (event) => {
  if (!event.dataTransfer?.files.length) return;
  event.preventDefault();
  file.files = event.dataTransfer.files;
  file.focus();
});
