/* A button that copies the field it names; without a script the field can be selected and copied by hand. */

for (const button of document.querySelectorAll("[data-copies]")) {
  const field = document.getElementById(button.dataset.copies);
  button.hidden = false;
  button.addEventListener("click", () => {
    field.select();
    // The old way: it answers at once whether it copied, also where a page is not served over HTTPS.
    if (document.execCommand("copy")) button.textContent = field.dataset.copy;
  });
}
