// Django's autocompletes stand before their selects without a name of their own: they take over the label of the select.
addEventListener("load", () => {
  for (const select of document.querySelectorAll("select.admin-autocomplete")) {
    const name = select.getAttribute("aria-label") ?? select.labels[0]?.textContent.trim();
    const shown = select.nextElementSibling?.querySelector(".select2-selection__rendered");
    if (name && shown) shown.setAttribute("aria-label", name);
  }
});
