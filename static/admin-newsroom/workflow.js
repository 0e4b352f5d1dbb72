// What a day and a time mean is read while they are typed; countdowns run; a check leads to its words.
// Without this script the button "Read it" does the first, the server the second, and the link goes to the field.

const minute = 60_000;

function untilText(until, now) {
  const format = (value, unit) => new Intl.NumberFormat(document.documentElement.lang || "en", { style: "unit", unit, unitDisplay: "short" }).format(value);
  const minutes = Math.floor((until - now) / minute);
  if (until <= now) return "";
  const days = Math.floor(minutes / 1440), hours = Math.floor(minutes / 60) % 24;
  const parts = days ? [format(days, "day"), format(hours, "hour")] : hours ? [format(hours, "hour"), format(minutes % 60, "minute")] : [format(minutes, "minute")];
  return parts.join(" ");
}

function tick() {
  for (const place of document.querySelectorAll("[data-until]")) {
    const said = place.textContent;
    const left = untilText(Date.parse(place.dataset.until), Date.now());
    // Only the figures change: the sentence around them is the server's, in the language of the page.
    const figures = left.match(/\d+/g) ?? [];
    if (figures.length === (said.match(/\d+/g) ?? []).length) place.textContent = said.replace(/\d+/g, () => figures.shift());
    else if (left) place.title = left;
  }
}

function settle(form) {
  const two = [...form.querySelectorAll("input[name=reading]")];
  const chosen = two.find((radio) => radio.checked) ?? form.querySelector(".one-reading");
  const button = form.querySelector("button.loud");
  const later = form.querySelector("input[name=when]:checked")?.value !== "now";
  const waits = later && two.length > 0 && !two.some((radio) => radio.checked);
  form.querySelector(".waits")?.toggleAttribute("hidden", !waits);
  if (!button) return;
  button.disabled = waits;
  if (button.dataset.named && !location.pathname.endsWith("/expire/"))
    button.textContent = chosen ? button.dataset.named + chosen.dataset.short : button.dataset.verb;
}

async function read(form, day, time) {
  const place = form.querySelector("#reading");
  if (!day || !time) return place.replaceChildren();
  const address = new URL(location.pathname, location.href);
  address.search = new URLSearchParams({ day, time });
  const answer = await fetch(address, { credentials: "same-origin" });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const found = page.querySelector("#reading");
  if (found && form.elements.day.value === day && form.elements.time.value === time) place.replaceChildren(...found.childNodes);
}

for (const form of document.querySelectorAll("form[data-clock]")) {
  let pause;
  form.addEventListener("input", (event) => {
    if (event.target.name === "day" || event.target.name === "time") {
      clearTimeout(pause);
      pause = setTimeout(async () => {
        await read(form, form.elements.day.value, form.elements.time.value);
        settle(form);
      }, 300);
    } else settle(form);
  });
  // While a text waits to be read, Enter reads it: nothing is scheduled by a press too many.
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.target.name === "day" || event.target.name === "time")) {
      event.preventDefault();
      form.querySelector("button[name=_read]")?.click();
    }
  });
  settle(form);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.(".found a[href^='#']");
  if (!link) return;
  const place = document.getElementById(link.hash.slice(1));
  const marked = link.dataset.quoteKey && document.querySelector(`[data-quote="${CSS.escape(link.dataset.quoteKey)}"]`);
  if (marked) {
    event.preventDefault();
    marked.scrollIntoView({ block: "center" });
    const editable = marked.closest("[contenteditable=true]");
    editable?.focus({ preventScroll: true });
    getSelection()?.selectAllChildren(marked);
  } else if (place) {
    event.preventDefault();
    place.closest("details")?.setAttribute("open", "");
    (place.closest(".form-row, tr, .form-group") ?? place).scrollIntoView({ block: "center" });
    const standsFor = place.classList.contains("select2-hidden-accessible") ? ".select2-search__field" : ".tiptap";
    const seen = place.parentElement.querySelector(standsFor) ?? place;
    seen?.focus({ preventScroll: true });
    const found = link.dataset.words && place.value?.indexOf(link.dataset.words.replace(/…$/, ""));
    if (found >= 0 && place.setSelectionRange) place.setSelectionRange(found, found + link.dataset.words.length);
  }
});

tick();
setInterval(tick, 15_000);
