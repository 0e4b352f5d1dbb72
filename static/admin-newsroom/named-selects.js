// Django's autocompletes stand before their selects without a name of their own: they take over the label of the select.
function call(shown, name) {
  if (name && shown && shown.getAttribute("aria-label") !== name) shown.setAttribute("aria-label", name);
}
function nameAll() {
  for (const select of document.querySelectorAll("select.admin-autocomplete")) {
    const name = select.getAttribute("aria-label") ?? select.labels[0]?.textContent.trim();
    const parts = select.parentElement.querySelectorAll(".select2-selection__rendered, .select2-search__field");
    for (const shown of parts) call(shown, name);
  }
  // The field to search in an open list stands at the end of the page.
  const opened = document.querySelector(".select2-container--open .select2-selection__rendered");
  call(document.querySelector(".select2-dropdown .select2-search__field"), opened?.getAttribute("aria-label"));
}
nameAll();
new MutationObserver(nameAll).observe(document.body, { childList: true, subtree: true });
