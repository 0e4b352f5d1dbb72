// Where related items and pictures stand: after a block of the text, which their rows in the form show by its first
// words. A row keeps the number of its block; while the text is written, the number follows the block.
import { Plugin, crel, gettext, pm } from "django-prose-editor/editor"

const { PluginKey } = pm.state
const { Decoration, DecorationSet } = pm.view
const PLACES = new PluginKey("places")
const selects = () => [...document.querySelectorAll("select.place:not([name*=__prefix__])")]

/** The blocks as the server will count them: without empty ones, a paragraph with an empty line in it as two. */
function blocksOf(doc) {
  const blocks = []
  doc.forEach((node, at) => {
    const text = node.textBetween(0, node.content.size, "\n", "\n")
    const parts = node.type.name === "paragraph" ? text.split(/\n\s*\n/) : [text]
    const place = { from: at + 1, to: at + node.nodeSize - 1 }
    for (const part of parts) if (part.trim()) blocks.push({ ...place, words: part.trim() })
  })
  return blocks
}

const numberOf = (place, blocks) => blocks.filter((block) => block.from <= place.at).length

/** The place once the text has changed. What was cut is found again by its words, where it is pasted or undone. */
function moved(place, mapping, blocks) {
  const { pos, deletedAcross } = mapping.mapResult(place.at, -1)
  const lost = place.lost || deletedAcross
  const isHere = lost ? ({ words }) => words === place.words : ({ from, to }) => from <= pos && pos <= to
  const block = blocks.findLast(isHere)
  return block ? { at: block.to, words: block.words } : { at: pos, words: place.words, lost: true }
}

function shown(doc, places) {
  const blocks = blocksOf(doc)
  const chips = []
  for (const [select, place] of places) {
    const row = select.closest("tr")
    if (!row || row.querySelector("[name$=-DELETE]")?.checked) continue
    const kind = row.querySelector("[name$=-kind]")?.selectedOptions[0].text ?? gettext("Picture")
    const text = [kind, row.querySelector("[name$=-label], [name$=-alt]")?.value].filter(Boolean).join(" · ")
    const after = blocks[numberOf(place, blocks) - 1]
    const chip = () => crel("div", { className: "placed", contentEditable: "false", textContent: text })
    const spec = { key: `${select.name} ${text}`, side: -1, ignoreSelection: true }
    chips.push(Decoration.widget(after ? after.to + 1 : 0, chip, spec))
  }
  return DecorationSet.create(doc, chips)
}

/** The choices of a row, as the text is now. */
function offer(select, place, blocks) {
  const number = place ? numberOf(place, blocks) : Number(select.value)
  const [first] = select.options
  const kept = [...select.options].filter((option) => Number(option.value) === number && number > blocks.length)
  const words = (text) => (text.split(/\s+/).length > 7 ? `${text.split(/\s+/).slice(0, 7).join(" ")}…` : text)
  const after = blocks.map((block, index) => new Option(words(block.words), index + 1))
  select.replaceChildren(first, ...after, ...kept)
  select.value = number || first.value
  // A related item, whose first choice is the end, never stands above the text.
  if (place && !number && first.value === "" && blocks.length) select.value = 1
}

export const placePlugin = () =>
  new Plugin({
    key: PLACES,
    state: {
      init: (_, { doc }) => ({ places: new Map(), set: shown(doc, []) }),
      apply(tr, { places, set }) {
        const chosen = tr.getMeta(PLACES)
        if (!chosen && !tr.docChanged) return { places, set }
        const blocks = blocksOf(tr.doc)
        const now = new Map([...places].filter(([select]) => select.isConnected))
        for (const [select, place] of now) now.set(select, moved(place, tr.mapping, blocks))
        for (const select of chosen ?? []) {
          const block = blocks[Number(select.value) - 1]
          if (block) now.set(select, { at: block.to, words: block.words })
          else now.delete(select)
        }
        return { places: now, set: shown(tr.doc, now) }
      },
    },
    view(view) {
      const choose = (chosen) => {
        if (!view.isDestroyed) view.dispatch(view.state.tr.setMeta(PLACES, chosen).setMeta("addToHistory", false))
      }
      const heard = ({ target }) => {
        const select = target.closest?.("tr")?.querySelector("select.place")
        if (select) choose([select])
      }
      const events = ["change", "input", "formset:added"]
      for (const event of events) document.addEventListener(event, heard)
      const gone = () => choose([])
      document.addEventListener("formset:removed", gone)
      queueMicrotask(() => choose(selects()))
      return {
        update({ state }, before) {
          const { places } = PLACES.getState(state)
          if (places === PLACES.getState(before).places) return
          const blocks = blocksOf(state.doc)
          for (const select of selects()) offer(select, places.get(select), blocks)
        },
        destroy() {
          for (const event of events) document.removeEventListener(event, heard)
          document.removeEventListener("formset:removed", gone)
        },
      }
    },
    props: { decorations: (state) => PLACES.getState(state).set },
  })
