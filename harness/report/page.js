"use strict";
const cases = [...document.querySelectorAll("details.case")];
const form = document.querySelector("form"), shown = document.getElementById("shown");
for (const name of ["server", "connector"]) {
  const select = form.elements[name];
  for (const value of new Set(cases.map(one => one.dataset[name]))) select.add(new Option(value, value));
}
function fits(one) {
  const { find, verdict, server, connector } = form.elements;
  return (!verdict.value || one.dataset.verdict === verdict.value || (verdict.value === "trouble" && one.dataset.trouble === "1"))
    && (!server.value || one.dataset.server === server.value)
    && (!connector.value || one.dataset.connector === connector.value)
    && one.firstElementChild.textContent.toLowerCase().includes(find.value.trim().toLowerCase());
}
function filter() {
  let count = 0;
  for (const one of cases) count += !(one.hidden = !fits(one));
  shown.textContent = `${count} of ${cases.length} cases`;
}
// What a case has to show is a text until it is opened.
document.addEventListener("toggle", event => {
  const kept = event.target.querySelector(":scope > script");
  if (kept) kept.outerHTML = kept.textContent;
}, true);
form.hidden = false;
form.addEventListener("input", filter);
form.addEventListener("submit", event => event.preventDefault());
filter();
