// Shows the entries that have every word that was typed, and the links to them.
const [form, words, found] = ["search", "words", "found"].map((id) => document.getElementById(id));
const entries = [...document.querySelectorAll(".entry")].map((entry) => ({
  entry,
  text: entry.textContent.toLowerCase(),
  link: entry.id && document.querySelector(`nav a[href="#${entry.id}"]`)?.parentElement,
}));
function search() {
  const typed = words.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const { entry, text, link } of entries) {
    const hidden = !typed.every((word) => text.includes(word));
    entry.hidden = hidden;
    if (link) link.hidden = hidden;
    if (!hidden) shown += 1;
  }
  for (const group of document.querySelectorAll(".group"))
    group.hidden = !group.querySelector(".entry:not([hidden])");
  found.textContent = typed.length === 0 ? "" : `${shown} of ${entries.length} shown`;
}
words.addEventListener("input", search);
form.addEventListener("submit", (event) => event.preventDefault());
form.hidden = false;
search();
