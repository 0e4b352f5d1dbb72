// The page of two texts: how many of the choices fall to either side, and both buttons that take a whole side.
const chosen = document.getElementById("chosen")
const sides = { mine: gettext("All yours"), theirs: gettext("All theirs") }
const radios = side => [...document.querySelectorAll(`.take input[value=${side}]`)]

if (chosen && radios("mine").length > 1) {
  const told = document.createElement("strong")
  const tell = () => {
    const [mine, theirs] = ["mine", "theirs"].map(side => radios(side).filter(radio => radio.checked).length)
    told.textContent = interpolate(gettext("%(mine)s yours, %(theirs)s theirs."), { mine, theirs }, true) + " "
  }
  told.setAttribute("role", "status")
  chosen.prepend(told)
  const ways = document.createElement("p")
  ways.className = "ways"
  chosen.after(ways)
  for (const [side, label] of Object.entries(sides)) {
    const button = document.createElement("button")
    button.type = "button"
    button.textContent = label
    button.addEventListener("click", () => {
      for (const radio of radios(side)) radio.checked = true
      tell()
    })
    ways.append(button)
  }
  document.addEventListener("change", tell)
  tell()
}
