// Names of known people while they are typed; the field for a name only where it is asked for; a word before unsaved
// decisions are left. Without it names are typed whole, and everything is there to see.
const form = document.getElementById("review-form");
const names = document.getElementById("known-people");
let waiting;

const suggest = async (term) => {
  const answer = await fetch(`${form.dataset.people}?${new URLSearchParams({ q: term })}`);
  if (!answer.ok) return;
  const { results } = await answer.json();
  names.replaceChildren(...results.slice(0, 12).map(({ name, office }) => new Option(office, name)));
};

form.addEventListener("input", ({ target }) => {
  if (target.getAttribute("list") !== names.id || target.value.length < 2) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => suggest(target.value), 200);
});

const show = (select) => {
  const other = select.closest(".beside").querySelector(".other");
  other.hidden = select.value !== "other" && !other.querySelector(".errorlist");
};
for (const select of form.querySelectorAll("select[name^=who_]")) {
  show(select);
  select.addEventListener("change", () => {
    show(select);
    if (select.value === "other") form.elements[select.name.replace("who", "other")].focus();
  });
}

let changed = false;
form.addEventListener("change", () => (changed = true));
form.addEventListener("submit", () => (changed = false));
addEventListener("beforeunload", (event) => {
  if (changed) event.preventDefault();
});
