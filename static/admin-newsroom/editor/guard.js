// The text editor may only stand where it can say everything the body says: else the body is edited as HTML, whole.

/** The words with the marks each of them stands in, whatever the order and the cutting of the tags. */
function meaning(html) {
  const page = new DOMParser().parseFromString(html, "text/html")
  const said = []
  const walk = (node, marks) => {
    for (const child of node.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) {
        const text = child.textContent.replace(/\s+/g, " ")
        const inside = [...marks].sort().join(" ")
        if (said.at(-1)?.inside === inside) said.at(-1).text += text
        else if (text.trim()) said.push({ inside, text })
      } else if (child.nodeName === "BR") {
        said.push({ inside: "br", text: "" })
      } else if (child.nodeType === Node.ELEMENT_NODE) {
        const attributes = [...child.attributes].map(({ name, value }) => `${name}=${value}`).sort()
        const bare = child.nodeName === "P" && !attributes.length
        walk(child, bare ? marks : [...marks, [child.nodeName, ...attributes].join("|")])
      }
    }
  }
  walk(page.body, [])
  return JSON.stringify(said.map(({ inside, text }) => [inside, text.trim()]))
}

document.addEventListener("prose-editor:ready", ({ detail: { editor, textarea } }) => {
  if (editor.schema.marks.foreign && meaning(editor.getHTML()) === meaning(textarea.value)) return
  const gettext = window.gettext || ((text) => text)
  editor.setEditable(false, false)
  editor.destroy()
  const note = document.createElement("p")
  note.className = "editor-says"
  note.setAttribute("role", "status")
  note.textContent = gettext("The text editor cannot show everything that stands in this body, so it is edited as HTML here. Nothing is lost.")
  textarea.before(note)
})
