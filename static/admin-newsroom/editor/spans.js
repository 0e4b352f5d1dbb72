// The marked stretches of a text: found, made, and spoken of.
import { crel } from "django-prose-editor/editor"

/** The permanent address of a new quote. */
export const newKey = () => {
  const letters = "abcdefghijklmnopqrstuvwxyz0123456789"
  return Array.from(crypto.getRandomValues(new Uint8Array(10)), (byte) => letters[byte % 36]).join("")
}

/** The day the words are of, as the form has it. */
export const dayOf = () =>
  document.getElementById("id_event_date")?.value || document.getElementById("id_dated")?.value || ""

/** A day as it is read, in the language of the page; in English it stands before the month. */
export const spelt = (day) => {
  const { lang } = document.documentElement
  return new Date(`${day}T12:00`).toLocaleDateString(lang === "en" ? "en-GB" : lang, { dateStyle: "long" })
}

/** Every marked stretch of the text in order: [{from, to, ...attributes}]. */
export function spansIn(doc) {
  const spans = []
  doc.descendants((node, at) => {
    const mark = node.isInline && node.marks.find((mark) => mark.type.name === "quote")
    if (!mark) return
    const last = spans.at(-1)
    if (last?.key === mark.attrs.key && last.to === at) last.to = at + node.nodeSize
    else spans.push({ from: at, to: at + node.nodeSize, ...mark.attrs })
  })
  return spans
}

/** One transaction: the stretches become quotes with these attributes, and so does all else that has their key. */
export function markQuotes(editor, quotes) {
  const { state, view } = editor
  const { tr } = state
  for (const { places, ...attrs } of quotes) {
    const all = [...places, ...spansIn(tr.doc).filter((span) => span.key === attrs.key).map((span) => [span.from, span.to])]
    for (const [from, to] of all) tr.addMark(from, to, state.schema.marks.quote.create(attrs))
  }
  view.dispatch(tr.setStoredMarks([]))
}

/** Say something below the text, for eyes and screen readers. */
export function say(editor, sentence) {
  const at = editor.view.dom.closest(".prose-editor")
  let status = at.querySelector(".editor-says")
  if (!status) at.append((status = crel("p", { className: "editor-says", role: "status" })))
  status.textContent = sentence
}
