// The original of a translation is unfolded where it has a column of its own (house.css), folded where it would be in the way.
const wide = matchMedia("(width >= 80rem)");
const originals = document.querySelectorAll("details.original");
const fit = () => originals.forEach((original) => { original.open = wide.matches; });
wide.addEventListener("change", fit);
fit();
