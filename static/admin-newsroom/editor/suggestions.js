// What the reader of releases would mark, shown as suggestions: nothing is marked until an editor accepts it.
import { Plugin, crel, gettext, pm } from "django-prose-editor/editor"
import { post } from "newsroom/speaker"
import { dayOf, markQuotes, newKey, say, spansIn } from "newsroom/spans"

const { PluginKey } = pm.state
const { Decoration, DecorationSet } = pm.view
const OPEN = new PluginKey("suggestions")

/** The suggestions still open, as decorations that move with the text. */
export const suggestionPlugin = () =>
  new Plugin({
    key: OPEN,
    state: {
      init: () => DecorationSet.empty,
      apply(tr, set) {
        const told = tr.getMeta(OPEN)
        if (told?.all) return DecorationSet.create(tr.doc, told.all)
        const moved = set.map(tr.mapping, tr.doc)
        return told?.gone ? moved.remove(moved.find(null, null, (spec) => told.gone.includes(spec.found))) : moved
      },
    },
    props: { decorations: (state) => OPEN.getState(state) },
  })

/** Ask what is in the text, and show it. */
export async function startSuggesting(editor, addresses) {
  const { doc } = editor.state
  const blocks = []
  doc.descendants((node, at) => {
    if (node.isTextblock) blocks.push({ at: at + 1, text: node.textBetween(0, node.content.size, null, "\n") })
    return !node.isTextblock
  })
  say(editor, gettext("Reading the text …"))
  const body = JSON.stringify({ blocks: blocks.map((block) => block.text), on: dayOf() })
  const response = await post(addresses.suggest, body).catch(() => null)
  const told = response?.headers.get("content-type")?.includes("json") ? await response.json() : null
  if (!response?.ok || !told) return say(editor, told?.error || gettext("The text could not be read just now. Nothing in it was changed."))
  if (!editor.state.doc.eq(doc)) return say(editor, gettext("The text changed meanwhile. Press “Suggest quotes” again."))
  const marked = spansIn(doc)
  const quotes = told.quotes
    .map((quote) => ({ ...quote, places: quote.places.map(([block, from, to]) => [blocks[block].at + from, blocks[block].at + to]) }))
    .filter((quote) => !quote.places.some(([from, to]) => marked.some((span) => span.from < to && from < span.to)))
  const all = quotes.flatMap((found) =>
    found.places.map(([from, to]) => Decoration.inline(from, to, { class: "suggested" }, { found })))
  editor.view.dispatch(editor.state.tr.setMeta(OPEN, { all }).setMeta("addToHistory", false))
  show(editor, quotes, told)
}

const SURE = (confidence) => (confidence >= 0.9 ? gettext("Sure") : confidence >= 0.7 ? gettext("Likely") : gettext("Unsure"))

function show(editor, quotes, { topics, people }) {
  const beside = editor.view.dom.closest(".prose-editor")
  beside.querySelector(".suggestions")?.remove()
  const chosen = new Set([...(document.getElementById("id_topics")?.selectedOptions ?? [])].map((option) => option.value))
  const mentioned = new Set([...document.querySelectorAll("select[name^=mentions-][name$=-person]")].map((one) => one.value))
  topics = topics.filter((topic) => !chosen.has(String(topic.id)))
  people = people.filter((person) => !mentioned.has(String(person.id)))
  const sentence = quotes.length || topics.length || people.length
    ? gettext("Nothing is marked yet. Accept what is right.") : gettext("Nothing more was found to mark.") // prettier-ignore
  say(editor, sentence)
  if (!quotes.length && !topics.length && !people.length) return

  const places = (found) => OPEN.getState(editor.state).find(null, null, (spec) => spec.found === found)
    .map(({ from, to }) => [from, to]).filter(([from, to]) => from < to) // prettier-ignore
  const settle = (settled, accept) => {
    if (accept) {
      const marks = settled.map((found) => ({
        places: places(found), key: newKey(), speaker: found.speaker, source: found.speaker || found.name ? null : found.source,
        on: null, office: null, lang: null,
      })) // prettier-ignore
      markQuotes(editor, marks.filter((mark) => mark.places.length))
    }
    editor.view.dispatch(editor.state.tr.setMeta(OPEN, { gone: settled }).setMeta("addToHistory", false))
    quotes = quotes.filter((found) => !settled.includes(found))
    for (const found of settled) rows.get(found).remove()
    heading.textContent = title()
    if (!panel.querySelector("li")) close()
    else panel.querySelector("li button").focus()
  }
  const close = () => {
    editor.view.dispatch(editor.state.tr.setMeta(OPEN, { gone: quotes }).setMeta("addToHistory", false))
    panel.remove()
    editor.view.focus()
  }
  const button = (text, act, className = "") => {
    const one = crel("button", { type: "button", textContent: text, className })
    one.addEventListener("click", () => act(one))
    return one
  }
  const title = () => gettext("Suggestions: %s quotes").replace("%s", quotes.length)
  const heading = crel("h3", { textContent: title() })
  const rows = new Map(quotes.map((found) => {
    const who = found.name || found.source || gettext("Nobody is named")
    const row = crel("li", {}, [
      crel("p", { className: "said", textContent: `“${places(found).map((place) => editor.state.doc.textBetween(...place, " ", " ")).join(" … ")}”` }),
      crel("p", {}, [crel("b", { textContent: who }), ` · ${SURE(found.confidence)}: `, crel("q", { textContent: found.evidence })]),
      crel("p", { className: "ways" }, [
        button(gettext("Accept as a quote"), () => settle([found], true)),
        button(gettext("Not a quote"), () => settle([found], false)),
      ]),
    ])
    return [found, row]
  })) // prettier-ignore
  const others = [
    ...topics.map((topic) => crel("li", {}, [
      button(gettext("Add the topic %s").replace("%s", topic.name), (one) => {
        select(document.getElementById("id_topics"), topic.id, topic.name)
        one.closest("li").remove()
      }), crel("span", { textContent: ` “${topic.evidence}”` })])),
    ...people.map((person) => crel("li", {}, [
      button(gettext("Add %s to the people mentioned").replace("%s", person.name), (one) => {
        document.querySelector("#mentions-group .add-row a")?.click()
        const added = [...document.querySelectorAll("select[name^=mentions-][name$=-person]:not([name*=__prefix__])")].at(-1)
        if (added) select(added, person.id, person.name)
        one.closest("li").remove()
      }), crel("span", { textContent: person.office ? ` ${person.office}` : "" })])),
  ] // prettier-ignore
  const panel = crel("section", { className: "suggestions", "aria-label": gettext("Suggestions") }, [
    heading,
    crel("p", { className: "ways" }, [
      ...(quotes.length > 1 ? [button(gettext("Accept all quotes"), () => settle([...quotes], true))] : []),
      button(gettext("Close"), close),
    ]),
    crel("ul", {}, [...rows.values(), ...others]),
  ]) // prettier-ignore
  beside.append(panel)
}

function select(field, value, text) {
  field.append(new Option(text, value, true, true))
  window.django?.jQuery(field).trigger("change")
}
