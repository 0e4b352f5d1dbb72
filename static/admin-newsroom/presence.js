/* Says every half minute that this draft is open here, and shows who else has it open. The server renders the words. */

const company = document.querySelector("[data-company]");
const value = (name) => document.querySelector(`[name="${name}"]`)?.value ?? "";
let timer;

async function sign() {
  const body = new URLSearchParams({ opened: value("opened") });
  const headers = { "X-CSRFToken": value("csrfmiddlewaretoken") };
  const address = company.dataset.company;
  const response = await fetch(address, { method: "POST", body, headers, redirect: "manual" }).catch(() => null);
  if (response?.status === 410) clearInterval(timer); // no draft any more: the form finds out when it saves
  if (!response?.ok) return;
  const told = new DOMParser().parseFromString(await response.text(), "text/html").body;
  if (told.textContent.trim() === company.textContent.trim()) return; // read aloud only what is new
  company.hidden = !told.textContent.trim();
  company.replaceChildren(...told.childNodes);
}

if (company) {
  timer = setInterval(sign, 30_000);
  sign();
}
