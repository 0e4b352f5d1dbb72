// What is pasted, before the editor reads it: styles become the marks they stand for, and the lists of a word processor,
// which arrive as paragraphs that only look like a list, become lists again.

const STEP = /mso-list:\s*(l\d+)\s+level(\d+)/i
const MARKS = [
  // Word's mso-bidi-font-weight speaks of other scripts.
  { name: "strong", tags: "b, strong", said: /(?<![\w-])font-weight:\s*(bold|[6-9]00)/i,
    denied: /(?<![\w-])font-weight:\s*(normal|[1-5]00)/i },
  { name: "em", tags: "i, em", said: /(?<![\w-])font-style:\s*(italic|oblique)/i,
    denied: /(?<![\w-])font-style:\s*normal/i },
] // prettier-ignore
const INLINE = "a, b, strong, i, em, font, q, span, u"
// What the editor has no name for, as the server reads it.
const AS = { H1: "h2", H4: "h3", H5: "h3", H6: "h3", TD: "div", TH: "div", CAPTION: "div", DT: "div" }

/** The pasted HTML without styles: our policy would stop each of them, and say so. */
export function fromElsewhere(html, { dom }) {
  const quiet = html
    .replace(/<!--.*?-->|<style\b.*?<\/style\s*>/gis, "")
    .replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\sstyle\s*=/gi, " data-style="))
  const page = new DOMParser().parseFromString(quiet, "text/html")
  lists(page)
  marks(page)
  for (const one of page.body.querySelectorAll("[data-style]")) one.removeAttribute("data-style")
  // What the text is written in anyway need not be said of each of its words.
  for (const one of page.body.querySelectorAll("[dir]")) if (one.dir === (dom.dir || "ltr")) one.removeAttribute("dir")
  for (const one of page.body.querySelectorAll("[lang]")) if (primary(one) === primary(dom)) one.removeAttribute("lang")
  for (const one of page.body.querySelectorAll(Object.keys(AS).join())) {
    const read = page.createElement(AS[one.tagName])
    read.append(...one.childNodes)
    one.replaceWith(read)
  }
  return page.body.innerHTML
}

const primary = ({ lang }) => lang.toLowerCase().split("-")[0]

/** Bold and italic by what is shown: of the tags and styles around some words, the nearest that says so decides. */
function marks(page) {
  const walker = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT)
  const texts = []
  while (walker.nextNode()) if (walker.currentNode.data.trim()) texts.push(walker.currentNode)
  const wanted = texts.map((text) => MARKS.filter((mark) => isShown(text, mark)))
  for (const one of page.body.querySelectorAll("b, strong, i, em")) one.replaceWith(...one.childNodes)
  for (const [index, text] of texts.entries()) {
    for (const { name } of wanted[index]) {
      const mark = page.createElement(name)
      text.replaceWith(mark)
      mark.append(text)
    }
  }
}

function isShown(text, { name, said, denied, tags }) {
  const isBoldAnyway = name === "strong" && text.parentElement.closest("h1, h2, h3, h4, h5, h6, th")
  for (let one = text.parentElement; one; one = one.parentElement) {
    const style = (one.matches(INLINE) && one.dataset.style) || ""
    if (said.test(style)) return !isBoldAnyway
    if (denied.test(style)) return false
    if (one.matches(tags)) return true
  }
  return false
}

function lists(page) {
  let open = [] // the lists being written, outermost first: {list, kind, id}
  for (const line of page.body.querySelectorAll("[data-style*='mso-list']:is(p, h1, h2, h3, h4, h5, h6)")) {
    const step = STEP.exec(line.dataset.style)
    if (!step) continue
    const [, id, level] = step
    const marker = [...line.querySelectorAll("[data-style]")].find((one) => /mso-list:\s*ignore/i.test(one.dataset.style))
    const kind = /^\s*\(?[\p{N}\p{L}]{1,5}[.)]/u.test(marker?.textContent ?? "") ? "ol" : "ul"
    marker?.remove()
    if (!open.length || open[0].list !== line.previousElementSibling) open = []
    const depth = Math.min(Number(level), open.length + 1, 4)
    open.length = Math.min(open.length, depth)
    const same = open[depth - 1]
    if (same && (same.kind !== kind || same.id !== id)) open.length = depth - 1
    if (open.length < depth) {
      const list = page.createElement(kind)
      if (open.length) open.at(-1).list.lastElementChild.append(list)
      else line.before(list)
      open.push({ list, kind, id })
    }
    const item = page.createElement("li")
    item.append(...line.childNodes)
    open.at(-1).list.append(item)
    line.remove()
  }
}
