// What is typed is kept in this browser until it is saved, and offered again after a crash, a lost session or a closed tab.

const place = document.getElementById("kept")
const form = place?.closest("form")
if (form) watch(form, `kept:${place.dataset.of}`)

function watch(form, name) {
  const gettext = window.gettext || ((text) => text)
  const skipped = new Set(["csrfmiddlewaretoken", "_verb"])
  const typed = () => [...new FormData(form)].filter(([field, value]) => typeof value === "string" && !skipped.has(field))
  // The words of what was found by typing: a select that has not found it yet has only its number.
  const chosen = () =>
    [...form.querySelectorAll("select option:checked")].map((one) => [one.closest("select").name, one.value, one.text])
  const words = (fields) => JSON.stringify(fields.filter(([field]) => field !== "opened").map(([field, value]) => [field, value.replaceAll("\r\n", "\n")]))
  const opened = form.elements.opened?.value ?? ""
  const shown = words(typed())
  let dirty = Boolean(document.querySelector(".errornote, .conflict"))
  let leaving = false
  let waiting

  const read = () => {
    try {
      return JSON.parse(localStorage.getItem(name))
    } catch {
      return null
    }
  }
  const write = (submitted = false) => {
    try {
      const kept = { opened, at: Date.now(), submitted, fields: typed(), chosen: chosen() }
      localStorage.setItem(name, JSON.stringify(kept))
      place.textContent = gettext("What you typed is kept in this browser until it is saved.")
    } catch {
      place.textContent = gettext("This browser cannot keep what you type. Save often.")
    }
    place.hidden = false
  }
  const changed = () => {
    if (leaving || words(typed()) === shown) return
    dirty = true
    clearTimeout(waiting)
    waiting = setTimeout(write, 500)
  }
  form.addEventListener("input", changed)
  document.addEventListener("formset:removed", changed)
  // Django's autocompletes tell of a change by its jQuery only, which hears of every other one too.
  window.django.jQuery(form).on("change", changed)
  form.addEventListener("submit", () => {
    leaving = true
    clearTimeout(waiting)
    if (dirty) write(true)
  })
  addEventListener("pageshow", () => (leaving = false))
  addEventListener("pagehide", () => dirty && !leaving && write())
  addEventListener("beforeunload", (event) => dirty && !leaving && event.preventDefault())

  const kept = read()
  if (!kept?.fields) return
  if (dirty || words(kept.fields) === shown || (kept.submitted && kept.opened !== opened)) {
    if (!dirty) localStorage.removeItem(name)
    return
  }
  const at = new Date(kept.at).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" })
  const said = [gettext("This browser kept what was typed here until %s and never saved.").replace("%s", at)]
  if (kept.opened !== opened) said.push(gettext("The draft was saved since: once put back and saved, both texts are shown side by side."))
  const button = (text, act) => {
    const one = document.createElement("button")
    one.type = "button"
    one.textContent = text
    one.addEventListener("click", act)
    return one
  }
  const note = document.createElement("section")
  note.className = "restore"
  note.setAttribute("role", "status")
  const sentence = document.createElement("p")
  sentence.textContent = said.join(" ")
  const ways = document.createElement("p")
  ways.className = "ways"
  ways.append(
    button(gettext("Put it back"), () => {
      restore(form, kept)
      dirty = true
      note.remove()
    }),
    button(gettext("Throw it away"), () => {
      localStorage.removeItem(name)
      note.remove()
    }),
  )
  note.append(sentence, ways)
  form.prepend(note)
}

/** Fill the form with what was typed, with the rows that were added to it. */
function restore(form, { fields, chosen = [] }) {
  const then = Object.fromEntries(fields)
  for (const [field, was] of fields) {
    const part = field.match(/(.+)-TOTAL_FORMS$/)?.[1]
    if (!part) continue
    const added = was - then[`${part}-INITIAL_FORMS`]
    for (let rows = count(form, part, "TOTAL") - count(form, part, "INITIAL"); rows < added; rows++) {
      document.querySelector(`#${part}-group .add-row a`)?.click()
    }
  }
  const place = (field) => {
    const [, part, row, rest] = field.match(/^(.+)-(\d+)-(.+)$/) ?? []
    if (!part) return form.elements[field]
    const stored = Number(then[`${part}-INITIAL_FORMS`])
    // A row that was added stands after those that are stored by now; a stored row is known by its id.
    if (row >= stored) return form.elements[`${part}-${row - stored + count(form, part, "INITIAL")}-${rest}`]
    return form.elements[`${part}-${row}-id`]?.value === then[`${part}-${row}-id`] ? form.elements[field] : null
  }
  for (const [field, value, text] of chosen) {
    const select = place(field)
    if (select && ![...select.options].some((option) => option.value === value)) select.append(new Option(text, value))
  }
  for (const [field, pairs] of Map.groupBy(fields, ([field]) => field)) {
    const control = place(field)
    if (!control || control instanceof RadioNodeList || /-(TOTAL|INITIAL|MIN_NUM|MAX_NUM)_FORMS$/.test(field)) continue
    const wanted = pairs.map(([, value]) => value)
    if (control.multiple) {
      for (const option of control.options) option.selected = wanted.includes(option.value)
    } else if (control.type === "checkbox") control.checked = true
    else control.value = wanted[0]
    control.dispatchEvent(new Event("change", { bubbles: true }))
    const editor = control.closest(".prose-editor")?.querySelector(".tiptap")?.editor
    if (editor) editor.commands.setContent(wanted[0], { emitUpdate: true })
  }
}

const count = (form, part, what) => Number(form.elements[`${part}-${what}_FORMS`].value)
