/* A button that copies the field it names; without a script the field can be selected and copied by hand. */

for (const button of document.querySelectorAll("[data-copies]")) {
  const field = document.getElementById(button.dataset.copies);
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    await navigator.clipboard?.writeText(field.value).catch(() => null);
    button.textContent = field.dataset.copy;
  });
}
