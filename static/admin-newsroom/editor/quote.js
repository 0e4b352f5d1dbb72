// The quote mark: a <q> around words somebody said. Its key is the permanent address of the quote; who speaks is known
// by uid, and the name shown beside the words comes from the server, never from the text.
import { Extension, Mark, Plugin, crel, gettext, mergeAttributes, pm } from "django-prose-editor/editor"
import { fromElsewhere } from "newsroom/paste"
import { placePlugin } from "newsroom/places"
import { askSpeaker } from "newsroom/speaker"
import { dayOf, markQuotes, newKey, say, spansIn, spelt } from "newsroom/spans"
import { startSuggesting, suggestionPlugin } from "newsroom/suggestions"

const { PluginKey, TextSelection } = pm.state
const { Decoration, DecorationSet } = pm.view
const LABELS = new PluginKey("speakers")
const DATA = { key: "data-quote", speaker: "data-speaker", source: "data-source", on: "data-on", office: "data-office", lang: "lang" }

/** These words, or all, are no longer of the quote. What is left in two pieces is one quote still, at one address. */
function unmark(editor, key, from = 0, to = editor.state.doc.content.size) {
  const { state, view } = editor
  const { tr } = state
  for (const span of spansIn(state.doc)) {
    if (span.key === key) tr.removeMark(Math.max(from, span.from), Math.min(to, span.to), state.schema.marks.quote)
  }
  view.dispatch(pm.history.closeHistory(tr))
  if (spansIn(tr.doc).some((span) => span.key === key)) return
  const removed = document.getElementById("id_quotes_removed")
  if (removed) removed.value = [...new Set(removed.value.split(" ").filter(Boolean)).add(key)].join(" ")
}

/** The words between the quotation marks around the cursor, or null. */
function betweenMarks({ $from }) {
  const text = $from.parent.textBetween(0, $from.parent.content.size, null, "\n")
  const before = text.slice(0, $from.parentOffset)
  const open = Math.max(...["“", "«", "„", "‘"].map((mark) => before.lastIndexOf(mark)))
  const close = text.slice($from.parentOffset).search(/[”»“’](?!\p{L})/u)
  if (open < 0 || close < 0 || /[”»]/.test(before.slice(open))) return null
  return { from: $from.start() + open + 1, to: $from.pos + close }
}

async function openQuote(editor, key = null) {
  const { state } = editor
  const spans = spansIn(state.doc)
  let { from, to, empty } = state.selection
  const touched = key
    ? spans.find((span) => span.key === key)
    : spans.find((span) => (empty ? span.from <= from && from <= span.to : span.from < to && from < span.to))
  if (empty || key) {
    const around = touched || betweenMarks(state.selection)
    if (!around) return say(editor, gettext("Select the words that somebody said, then press Alt+Q."))
    ;({ from, to } = around)
  }
  const before = spans.filter((span) => span.to <= from && span.key !== touched?.key).at(-1)
  const words = state.doc.textBetween(from, to, " … ", " ")
  if (!words.trim()) return say(editor, gettext("Select the words that somebody said, then press Alt+Q."))
  const { options } = editor.extensionManager.extensions.find((extension) => extension.name === "quote")
  const person = touched?.speaker ? known(state).get(told(touched)) ?? { uid: touched.speaker, name: "" } : null
  const part = !empty && !key && touched?.from <= from && to <= touched?.to
  const answer = await askSpeaker({ words, quote: touched, part, before, addresses: options, person, day: dayOf() })
  editor.view.focus()
  if (!answer) return
  if (!editor.state.doc.eq(state.doc)) return say(editor, gettext("The text changed meanwhile. Please select the words again."))
  if (answer.remove) return unmark(editor, touched.key)
  if (answer.unmark) return unmark(editor, touched.key, from, to)
  const attrs = answer.continues
    ? Object.fromEntries(Object.keys(DATA).map((name) => [name, before[name]]))
    : { key: touched?.key || newKey(), ...answer }
  markQuotes(editor, [{ places: [[from, to]], ...attrs }])
  editor.view.dispatch(editor.state.tr.setSelection(TextSelection.create(editor.state.doc, to)))
}

// Labels: who speaks, before the first span of each quote.

// What the server told is known by who speaks and, when it is not the article's, on which day; an office by its uid.
const known = (state) => LABELS.getState(state).people
const told = (span) => [span.speaker, span.on].filter(Boolean).join(" ")

function learn(editor, people) {
  editor.view.dispatch(editor.state.tr.setMeta(LABELS, people).setMeta("addToHistory", false))
}

const officeOf = (span, people) => (span.office ? people.get(`office ${span.office}`) : people.get(told(span))?.office)

function label(editor, span, people) {
  const person = people.get(told(span))
  const name = span.speaker ? person?.name ?? "…" : span.source || gettext("Who said this?")
  const office = span.speaker ? officeOf(span, people) : span.source ? gettext("source without a name") : "Alt+Q"
  const below = [office, span.on && spelt(span.on)].filter(Boolean).join(", ")
  const dom = crel("button", {
    type: "button", tabIndex: -1, contentEditable: "false",
    className: `speaker${span.speaker || span.source ? "" : " missing"}${person?.proposed ? " proposed" : ""}`,
  }, [crel("b", { textContent: name }), crel("span", { textContent: below })]) // prettier-ignore
  dom.addEventListener("mousedown", (event) => event.preventDefault())
  dom.addEventListener("click", () => openQuote(editor, span.key))
  return dom
}

function labels(editor, doc, people) {
  const seen = new Set()
  const first = spansIn(doc).filter((span) => !seen.has(span.key) && seen.add(span.key))
  return DecorationSet.create(doc, first.map((span) => {
    const key = [span.key, span.source, told(span), people.get(told(span))?.name, officeOf(span, people)].join("|")
    return Decoration.widget(span.from, () => label(editor, span, people), { key, side: -1, marks: [], ignoreSelection: true })
  })) // prettier-ignore
}

function labelPlugin(editor, addresses) {
  let asked = new Set()
  async function ask() {
    const unknown = spansIn(editor.state.doc).filter((span) => span.speaker && !asked.has(told(span) + span.office))
    unknown.forEach((span) => asked.add(told(span) + span.office))
    for (const spans of Map.groupBy(unknown, (span) => span.on ?? "").values()) {
      const query = new URLSearchParams({ on: dayOf(), said: spans[0].on ?? "" })
      for (const uid of new Set(spans.map((span) => span.speaker))) query.append("uid", uid)
      for (const uid of new Set(spans.map((span) => span.office).filter(Boolean))) query.append("office", uid)
      const response = await fetch(`${addresses.speakers}?${query}`).catch(() => null)
      if (!response?.ok || editor.isDestroyed) continue
      const { results, offices } = await response.json()
      const people = results.map((person) => [told({ speaker: person.uid, on: spans[0].on }), person])
      learn(editor, [...people, ...Object.entries(offices).map(([uid, title]) => [`office ${uid}`, title])])
    }
  }
  return new Plugin({
    key: LABELS,
    state: {
      init: (_, { doc }) => ({ people: new Map(), set: labels(editor, doc, new Map()) }),
      apply(tr, { people, set }) {
        const news = tr.getMeta(LABELS)
        if (news) people = new Map([...people, ...news])
        return { people, set: news || tr.docChanged ? labels(editor, tr.doc, people) : set }
      },
    },
    view: () => {
      const again = (event) => {
        if (!["event_date", "dated"].includes(event.target.name)) return
        asked = new Set()
        ask()
      }
      document.addEventListener("change", again)
      queueMicrotask(ask)
      return { update: ask, destroy: () => document.removeEventListener("change", again) }
    },
    props: {
      decorations: (state) => LABELS.getState(state).set,
      transformPastedHTML: fromElsewhere,
      // A copy is another quote, so it gets a key of its own; what was cut, or is dragged elsewhere, keeps its key.
      transformPasted(slice, view) {
        if (view.dragging?.move) return slice
        const taken = new Set(spansIn(view.state.doc).map((span) => span.key))
        const renewed = new Map()
        const renew = (fragment) => {
          const nodes = []
          fragment.forEach((node) => {
            const marks = node.marks.map((mark) => {
              if (mark.type.name !== "quote" || !taken.has(mark.attrs.key)) return mark
              if (!renewed.has(mark.attrs.key)) renewed.set(mark.attrs.key, newKey())
              return mark.type.create({ ...mark.attrs, key: renewed.get(mark.attrs.key) })
            })
            nodes.push((node.isText ? node : node.copy(renew(node.content))).mark(marks))
          })
          return pm.model.Fragment.from(nodes)
        }
        return new pm.model.Slice(renew(slice.content), slice.openStart, slice.openEnd)
      },
    },
  })
}

export const Quote = Mark.create({
  name: "quote",
  priority: 1100, // outermost: bold and links inside do not cut a quote
  inclusive: false,
  addOptions: () => ({ speakers: "", person: "", suggest: "" }),
  addAttributes: () =>
    Object.fromEntries(Object.entries(DATA).map(([name, attribute]) => [name, {
      default: null,
      parseHTML: (dom) => dom.getAttribute(attribute),
      renderHTML: (attrs) => (attrs[name] ? { [attribute]: attrs[name] } : {}),
    }])), // prettier-ignore
  parseHTML: () => [{ tag: "q[data-quote]" }],
  renderHTML: ({ HTMLAttributes }) => ["q", mergeAttributes(HTMLAttributes), 0],
  addKeyboardShortcuts: () => ({
    "Alt-q": ({ editor }) => {
      openQuote(editor)
      return true
    },
  }),
  addProseMirrorPlugins() {
    return [labelPlugin(this.editor, this.options), suggestionPlugin(this.editor)]
  },
  addMenuItems({ menu, buttons }) {
    const { editor, options } = this
    menu.defineItem({
      name: "quote", groups: "quote", priority: 2,
      button: buttons.text(gettext("Mark a quote"), gettext("Mark a quote (Alt+Q)")),
      command: () => openQuote(editor),
      active: () => editor.isActive("quote"),
    }) // prettier-ignore
    menu.defineItem({
      name: "suggest", groups: "quote", priority: 1,
      button: buttons.text(gettext("Suggest quotes")),
      command: () => startSuggesting(editor, options),
    })
  },
})

/** Words of another language or direction, and links and blocks that name theirs: kept as they came. */
export const Foreign = Mark.create({
  name: "foreign",
  priority: 1050,
  parseHTML: () => [{ tag: "span[lang]" }, { tag: "span[dir]" }],
  renderHTML: ({ HTMLAttributes }) => ["span", HTMLAttributes, 0],
  addGlobalAttributes() {
    const kept = (types, ...names) => ({ types, attributes: Object.fromEntries(names.map((name) => [name, {
      default: null, parseHTML: (dom) => dom.getAttribute(name), renderHTML: (attrs) => (attrs[name] ? { [name]: attrs[name] } : {}),
    }])) }) // prettier-ignore
    return [kept(["foreign", "paragraph", "blockquote"], "lang", "dir"), kept(["link"], "hreflang")]
  },
})

/** The editing surface itself: no styles injected (the policy forbids them), and a name for screen readers. */
export const Sheet = Extension.create({
  name: "sheet",
  onBeforeCreate() {
    const { options } = this.editor
    const textarea = options.element.querySelector("textarea")
    const named = document.querySelector(`label[for="${textarea.id}"]`)
    const attributes = { "aria-multiline": "true", lang: textarea.lang, dir: textarea.dir }
    if (named) {
      named.id ||= `${textarea.id}_label`
      attributes["aria-labelledby"] = named.id
      named.addEventListener("click", () => this.editor.view.focus())
    }
    options.injectCSS = false
    options.editorProps = { attributes: Object.fromEntries(Object.entries(attributes).filter(([, value]) => value)) }
  },
  addProseMirrorPlugins: () => [placePlugin()],
  onCreate() {
    const { view } = this.editor
    const bar = view.dom.parentElement.querySelector(".prose-menubar")
    queueMicrotask(() => roving(bar || view.dom.parentElement.querySelector(".prose-menubar")))
  },
})

/** One tab stop for the whole toolbar; the arrow keys go through it. */
function roving(bar) {
  if (!bar) return
  bar.setAttribute("role", "toolbar")
  bar.setAttribute("aria-label", gettext("Text"))
  const buttons = [...bar.querySelectorAll("button")]
  const offer = (one) => buttons.forEach((button) => (button.tabIndex = button === one ? 0 : -1))
  offer(buttons[0])
  bar.addEventListener("focusin", (event) => offer(event.target))
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (!step) return
    event.preventDefault()
    const shown = buttons.filter((button) => button.offsetParent)
    shown.at((shown.indexOf(document.activeElement) + step) % shown.length).focus()
  })
}
