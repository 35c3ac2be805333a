// The list of keys, and the switch that turns them off in this browser (WCAG 2.2, 2.1.4).

const dialog = document.querySelector("#help");
const button = document.querySelector("#help-button");
const on = document.querySelector("#keys-on");

button.hidden = false;
button.addEventListener("click", () => dialog.showModal());
on.checked = localStorage.getItem("lurewatch-keys") !== "off";
on.addEventListener("change", () => {
  if (on.checked) localStorage.removeItem("lurewatch-keys");
  else localStorage.setItem("lurewatch-keys", "off");
});
dialog.addEventListener("keydown", (event) => {
  if (event.key === "?") dialog.close();
});
