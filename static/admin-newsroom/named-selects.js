// Django's autocompletes stand before their selects without a name of their own: they take over the label of the select.
function nameAll() {
  for (const select of document.querySelectorAll("select.admin-autocomplete")) {
    const name = select.getAttribute("aria-label") ?? select.labels[0]?.textContent.trim();
    for (const shown of select.parentElement.querySelectorAll(".select2-selection__rendered")) {
      if (name && shown.getAttribute("aria-label") !== name) shown.setAttribute("aria-label", name);
    }
  }
}
nameAll();
new MutationObserver(nameAll).observe(document.body, { childList: true, subtree: true });
