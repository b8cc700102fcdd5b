"use strict";
// Shows the measures whose title or theme has every word of the field. Without this script, all are shown.
const field = document.getElementById("find");
const answer = document.getElementById("matches");
const plain = (text) => text.toLowerCase().replace(/[^a-z0-9]+/g, " ");
const cards = [...document.querySelectorAll(".theme article")];
const rows = [...document.querySelectorAll("#glance-table tbody tr:not(.group)")];
const theme = (part, heading) => part.closest("section, tbody").querySelector(heading).textContent;
const texts = new Map([
  ...cards.map((card) => [card, plain(`${card.querySelector("h3").textContent} ${theme(card, "h2")}`)]),
  ...rows.map((row) => [row, plain(`${row.querySelector("th").textContent} ${theme(row, ".group")}`)]),
]);
const find = () => {
  const words = plain(field.value).split(" ").filter(Boolean);
  for (const [part, text] of texts) part.hidden = !words.every((word) => text.includes(word));
  for (const part of document.querySelectorAll(".theme")) part.hidden = !part.querySelector("article:not([hidden])");
  for (const part of document.querySelectorAll("#glance-table tbody")) {
    part.hidden = !part.querySelector("tr:not(.group, [hidden])");
  }
  const shown = cards.filter((card) => !card.hidden).length;
  answer.textContent = words.length ? `${shown} of ${cards.length} measures` : "";
};
field.addEventListener("input", find);
document.querySelector(".find").hidden = false;
find();
