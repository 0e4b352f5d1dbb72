// What is pasted, before the editor reads it: styles become the marks they stand for, and the lists of a word processor,
// which arrive as paragraphs that only look like a list, become lists again.

const STEP = /mso-list:\s*(l\d+)\s+level(\d+)/i
const SAID_BY_STYLE = { STRONG: /font-weight:\s*(bold|[6-9]00)/i, EM: /font-style:\s*italic/i }
const STYLED_ANYWAY = { STRONG: "b, strong, h1, h2, h3", EM: "i, em" }

/** The pasted HTML without styles: our policy would stop each of them, and say so. */
export function fromElsewhere(html) {
  const quiet = html
    .replace(/<!--.*?-->|<style\b.*?<\/style\s*>/gis, "")
    .replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\sstyle\s*=/gi, " data-style="))
  const page = new DOMParser().parseFromString(quiet, "text/html")
  lists(page)
  for (const one of page.body.querySelectorAll("[data-style]")) marks(one)
  return page.body.innerHTML
}

function marks(one) {
  const style = one.dataset.style
  one.removeAttribute("data-style")
  if (one.matches("b, i") && /font-(weight|style):\s*(normal|400)/i.test(style)) return one.replaceWith(...one.childNodes)
  if (!one.matches("span, a")) return
  for (const [name, pattern] of Object.entries(SAID_BY_STYLE)) {
    if (!pattern.test(style) || one.closest(STYLED_ANYWAY[name])) continue
    const mark = one.ownerDocument.createElement(name)
    mark.append(...one.childNodes)
    one.append(mark)
  }
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
