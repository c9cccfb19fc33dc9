// The search of the index: tiles, rows and lines whose name holds what was typed; the rest is hidden.
(() => {
  const form = document.getElementById("search"), query = document.getElementById("query");
  const found = document.getElementById("found"), named = [...document.querySelectorAll("[data-name]")];
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  query.addEventListener("input", () => {
    const wanted = query.value.normalize("NFKC").trim().toLowerCase();
    for (const one of named) one.hidden = !one.dataset.name.normalize("NFKC").toLowerCase().includes(wanted);
    const names = new Set(named.filter((one) => !one.hidden).map((one) => one.dataset.name));
    found.textContent = wanted ? found.dataset.say.replace("#", names.size) : "";
  });
})();
