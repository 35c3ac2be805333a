// Niceties only: without this file the page works the same.

const form = document.querySelector("#try");
const text = form.querySelector("#text");
const title = form.querySelector("#title");
const count = form.querySelector("#count");
const button = form.querySelector("button");
const limit = Number(count.dataset.limit);

// Code points, as the limit counts them; `length` would count UTF-16 units.
const characters = (value) => [...value].length;

function showCount() {
  const used = characters(text.value) + characters(title.value);
  const over = used > limit;
  count.textContent = used > limit * 0.8 ? `${used.toLocaleString()} of ${limit.toLocaleString()}` : "";
  count.classList.toggle("over", over);
}

text.addEventListener("input", showCount);
title.addEventListener("input", showCount);
form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});
form.addEventListener("submit", () => {
  button.setAttribute("aria-busy", "true");
  button.textContent = "Reading…";
});
// A page restored by the back button keeps the state it was left in.
window.addEventListener("pageshow", () => {
  button.removeAttribute("aria-busy");
  button.textContent = "Score this text";
  showCount();
});
