// "Who says this?": a dialog with a combobox (ARIA 1.2, list autocomplete) over the people the newsroom knows.
import { crel, gettext } from "django-prose-editor/editor"

const token = () => document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? ""
export const post = (url, body) => fetch(url, { method: "POST", headers: { "X-CSRFToken": token() }, body })

/**
 * Ask who speaks. The answer is null (nothing changes), {remove: true}, {continues: true}, or {speaker, source, told}:
 * uid or null, the words of a source without a name or null, and what is known of the person.
 */
export function askSpeaker({ words, quote, before, addresses, known, day, name = "" }) {
  return new Promise((resolve) => {
    let answer = null
    let offered = []
    let at = -1
    const close = (value) => {
      answer = value
      dialog.close()
    }
    const button = (text, value, className = "") => {
      const one = crel("button", { type: "button", textContent: text, className })
      one.addEventListener("click", () => close(typeof value === "function" ? value() : value))
      return one
    }
    const list = crel("ul", { id: "speaker-list", role: "listbox", "aria-label": gettext("People"), hidden: true })
    const input = crel("input", {
      id: "speaker-name", type: "text", autocomplete: "off", spellcheck: false, value: name || known.get(quote?.speaker)?.name || "",
      role: "combobox", "aria-expanded": "false", "aria-controls": "speaker-list", "aria-autocomplete": "list",
    }) // prettier-ignore
    const source = crel("input", { id: "speaker-source", type: "text", maxLength: 200, value: quote?.source || "" })
    const status = crel("p", { role: "status", className: "editor-says" })
    const dialog = crel("dialog", { className: "who", "aria-labelledby": "speaker-title" }, [
      crel("h2", { id: "speaker-title", textContent: gettext("Who says this?") }),
      crel("blockquote", { textContent: words.length > 300 ? `${words.slice(0, 300)}…` : words }),
      crel("label", { htmlFor: "speaker-name", textContent: gettext("Speaker") }),
      crel("div", { className: "combobox" }, [input, list]),
      status,
      crel("label", { htmlFor: "speaker-source", textContent: gettext("Or a source without a name, as readers will see it") }),
      source,
      crel("p", { className: "ways" }, [
        ...(before ? [button(gettext("It continues the quote before"), { continues: true })] : []),
        button(gettext("Save the source"), () => ({ speaker: null, source: source.value.trim() || null }), "source"),
        button(quote ? gettext("Speaker not known yet") : gettext("Mark it, speaker not known yet"), { speaker: null, source: null }),
        ...(quote ? [button(gettext("Not a quote"), { remove: true })] : []),
        button(gettext("Cancel"), null),
      ]),
    ]) // prettier-ignore

    const choose = async (option) => {
      if (option.uid) return close({ speaker: option.uid, source: null, told: option })
      const body = new URLSearchParams({ name: option.fresh })
      const response = await post(addresses.person, body).catch(() => null)
      const told = response?.headers.get("content-type")?.includes("json") ? await response.json() : null
      if (response?.ok && told) return close({ speaker: told.uid, source: null, told })
      status.textContent = told?.error || gettext("The person could not be added. You may lack the permission; ask an editor.")
    }
    const mark = (place) => {
      at = place
      for (const [index, item] of [...list.children].entries()) item.setAttribute("aria-selected", String(index === at))
      if (at < 0) input.removeAttribute("aria-activedescendant")
      else {
        input.setAttribute("aria-activedescendant", list.children[at].id)
        list.children[at].scrollIntoView({ block: "nearest" })
      }
    }
    const show = (options) => {
      offered = options
      list.replaceChildren(...options.map((option, index) => {
        const item = crel("li", { id: `speaker-${index}`, role: "option", "aria-selected": "false" }, [
          crel("span", { textContent: option.uid ? option.name : gettext("New person “%s”").replace("%s", option.fresh) }),
          crel("small", { textContent: option.uid ? option.office : gettext("Add without leaving the text; to be confirmed later") }),
        ])
        item.addEventListener("mousedown", (event) => event.preventDefault())
        item.addEventListener("click", () => choose(option))
        return item
      })) // prettier-ignore
      list.hidden = !options.length
      input.setAttribute("aria-expanded", String(!list.hidden))
      mark(options.length ? 0 : -1)
    }
    let asked = 0
    const search = async () => {
      const term = input.value.trim()
      const number = ++asked
      const query = new URLSearchParams({ q: term, on: day })
      const response = await fetch(`${addresses.speakers}?${query}`).catch(() => null)
      if (number !== asked) return
      if (!response?.ok || response.redirected) {
        status.textContent = gettext("People cannot be looked up just now. Your text is safe; sign in again in another tab, or mark the quote without a speaker.")
        return show([])
      }
      const { results } = await response.json()
      const fresh = term.length > 1 ? [{ fresh: term }] : []
      status.textContent = ""
      show([...results, ...fresh])
    }
    let waiting
    input.addEventListener("input", () => {
      clearTimeout(waiting)
      asked++
      show([]) // what was offered belongs to other words
      waiting = setTimeout(search, 150)
    })
    input.addEventListener("keydown", (event) => {
      const steps = { ArrowDown: 1, ArrowUp: -1 }
      if (event.key in steps && offered.length) {
        event.preventDefault()
        mark((at + steps[event.key] + offered.length) % offered.length)
      } else if (event.key === "Enter") {
        event.preventDefault()
        if (offered[at]) choose(offered[at])
      } else if (event.key === "Escape" && !list.hidden) {
        event.preventDefault()
        show([])
      }
    })
    source.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return
      event.preventDefault()
      close({ speaker: null, source: source.value.trim() || null })
    })
    dialog.addEventListener("close", () => {
      dialog.remove()
      resolve(answer)
    })
    document.body.append(dialog)
    dialog.showModal()
    input.focus()
    input.select()
    search()
  })
}
