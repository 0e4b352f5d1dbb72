// "Who says this?": a dialog with a combobox (ARIA 1.2, list autocomplete) over the people the newsroom knows.
import { crel, gettext } from "django-prose-editor/editor"
import { spelt } from "newsroom/spans"

const token = () => document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? ""
export const post = (url, body) => fetch(url, { method: "POST", headers: { "X-CSRFToken": token() }, body })

/**
 * Ask who speaks. The answer is null (nothing changes), {remove: true}, {unmark: true}, {continues: true}, or
 * {speaker, source, on, office, lang}: uid or null, the words of a source without a name or null, and the quote's own
 * day, office and language, each null where it is the one of the article or of that day.
 */
export function askSpeaker({ words, quote, part, before, addresses, person, day }) {
  return new Promise((resolve) => {
    let answer = null
    let offered = []
    let at = -1
    let chosen = person // who speaks, so far
    let own = quote?.office || "" // in which office, when not in the one printed for the day
    let looked = 0
    const close = (value) => {
      answer = value
      dialog.close()
    }
    const button = (text, act, className = "") => {
      const one = crel("button", { type: "button", textContent: text, className })
      one.addEventListener("click", typeof act === "function" ? act : () => close(act))
      return one
    }
    const list = crel("ul", { id: "speaker-list", role: "listbox", "aria-label": gettext("People"), hidden: true })
    const input = crel("input", {
      id: "speaker-name", type: "text", autocomplete: "off", spellcheck: false, value: person?.name || "",
      role: "combobox", "aria-expanded": "false", "aria-controls": "speaker-list", "aria-autocomplete": "list",
    }) // prettier-ignore
    const source = crel("input", { id: "speaker-source", type: "text", maxLength: 200, value: quote?.source || "" })
    const status = crel("p", { role: "status", className: "editor-says" })
    const on = crel("input", {
      id: "quote-day", type: "text", autocomplete: "off", value: quote?.on || "", placeholder: "24 Nov 2026",
    }) // prettier-ignore
    const read = crel("p", { id: "quote-day-read", role: "status", className: "read" })
    on.setAttribute("aria-describedby", read.id)
    const office = crel("select", { id: "quote-office" })
    const lang = crel("select", { id: "quote-language" }, [
      new Option(gettext("The article’s language"), ""), ...addresses.languages.map(([code, name]) => new Option(name, code)),
    ]) // prettier-ignore
    lang.value = quote?.lang || ""
    if (quote?.lang && lang.value !== quote.lang) lang.append(new Option(quote.lang, quote.lang, true, true))
    const label = (control, text) => crel("label", { htmlFor: control.id, textContent: text })
    const elsewhere = crel("details", { open: Boolean(quote?.on || quote?.office || quote?.lang) }, [
      crel("summary", { textContent: gettext("Said elsewhere, in another office or language") }),
      label(on, gettext("Day, when not the article’s")), on, read,
      label(office, gettext("Office in which they spoke")), office,
      label(lang, gettext("Language of these words")), lang,
      crel("p", { className: "ways" }, [button(gettext("Save the quote"), () => save())]),
    ]) // prettier-ignore
    const dialog = crel("dialog", { className: "who", "aria-labelledby": "speaker-title" }, [
      crel("h2", { id: "speaker-title", textContent: gettext("Who says this?") }),
      crel("blockquote", { textContent: words.length > 300 ? `${words.slice(0, 300)}…` : words }),
      crel("label", { htmlFor: "speaker-name", textContent: gettext("Speaker") }),
      crel("div", { className: "combobox" }, [input, list]),
      status,
      crel("label", { htmlFor: "speaker-source", textContent: gettext("Or a source without a name, as readers will see it") }),
      source,
      elsewhere,
      crel("p", { className: "ways" }, [
        ...(before ? [button(gettext("It continues the quote before"), { continues: true })] : []),
        button(gettext("Save the source"), () => mark(null, source.value.trim() || null)),
        button(quote ? gettext("Speaker not known yet") : gettext("Mark it, speaker not known yet"), () => mark(null)),
        ...(part ? [button(gettext("Unmark these words"), { unmark: true })] : []),
        ...(quote ? [button(gettext("Not a quote"), { remove: true })] : []),
        button(gettext("Cancel"), null),
      ]),
    ]) // prettier-ignore

    const failed = gettext("People cannot be looked up just now. Your text is safe; sign in again in another tab, or mark the quote without a speaker.")
    const ask = async (query) => {
      const response = await fetch(`${addresses.speakers}?${new URLSearchParams(query)}`).catch(() => null)
      if (response?.ok && !response.redirected) return response.json()
      status.textContent = failed
      return null
    }
    /** What the server makes of the day, and the offices held on it by who speaks; null when the day cannot be read.
     *  Whoever asked before something else was asked gets the newest answer. */
    let newest
    const look = () => (newest = seek())
    const seek = async () => {
      const number = ++looked
      const said = on.value.trim()
      const about = chosen?.uid ? [["uid", chosen.uid], ["office", own]] : []
      const told = said || about.length ? await ask([["on", day], ["said", said], ...about]) : {}
      if (number !== looked) return newest
      if (!told) return null
      const unread = Boolean(said) && !told.said
      on.setAttribute("aria-invalid", String(unread))
      read.textContent = unread ? gettext("Write the day as 24 Nov 2026.") : said ? spelt(told.said) : ""
      if (unread) return null
      const [printed, ...others] = (about.length && told.results[0]?.offices) || []
      if (own && !others.some(([uid]) => uid === own)) others.push([own, told.offices?.[own] ?? own])
      const usual = gettext("%s (as printed for that day)").replace("%s", () => printed?.[1])
      const none = new Option(printed ? usual : gettext("None is known for that day"), "")
      office.replaceChildren(none, ...others.map(([uid, title]) => new Option(title, uid)))
      office.value = own
      return told
    }
    /** Mark the words as said by this person or source, on the day and in the office and language that stand here. */
    const mark = async (speaker, nameless = null) => {
      let said = on.value.trim() || null
      if (said && said !== quote?.on) {
        said = (await look())?.said
        if (!said) return on.focus()
      }
      close({
        speaker: speaker?.uid ?? null, source: nameless, on: said === day ? null : said,
        office: (speaker && own) || null, lang: lang.value || null,
      }) // prettier-ignore
    }
    const save = () => {
      if (input.value.trim() === (chosen?.name ?? "")) return mark(chosen, chosen ? null : source.value.trim() || null)
      status.textContent = gettext("Choose the speaker from the list first.")
      input.focus()
    }
    const take = (person) => {
      const other = person.uid !== chosen?.uid
      chosen = person
      if (other) own = ""
      if (!elsewhere.open) return mark(person)
      input.value = person.name
      show([])
      look()
    }
    const choose = async (option) => {
      if (option.uid) return take(option)
      const body = new URLSearchParams({ name: option.fresh })
      const response = await post(addresses.person, body).catch(() => null)
      const told = response?.headers.get("content-type")?.includes("json") ? await response.json() : null
      if (response?.ok && told) return take(told)
      status.textContent = told?.error || gettext("The person could not be added. You may lack the permission; ask an editor.")
    }
    const point = (place) => {
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
      point(options.length ? 0 : -1)
    }
    let asked = 0
    const search = async () => {
      const term = input.value.trim()
      const number = ++asked
      const told = await ask({ q: term, on: day, said: on.value.trim() })
      if (number !== asked) return
      if (!told) return show([])
      const fresh = term.length > 1 ? [{ fresh: term }] : []
      status.textContent = ""
      show([...told.results, ...fresh])
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
        point((at + steps[event.key] + offered.length) % offered.length)
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
      mark(null, source.value.trim() || null)
    })
    on.addEventListener("change", () => look())
    on.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return
      event.preventDefault()
      save()
    })
    office.addEventListener("change", () => (own = office.value))
    elsewhere.addEventListener("toggle", () => elsewhere.open && look())
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
