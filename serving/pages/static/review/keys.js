// The queue by keyboard. Whatever a key does, a button or field of the page does too.

const decide = document.querySelector("#decide");
const said = document.querySelector("#said");
const problem = document.querySelector("#problem");
let leaving = false;
let chosenForThem = null; // no action, which follows where no label is true, until they choose

const at = (selector) => document.querySelector(selector);
const value = (name) => decide.elements[name].value;
const labels = () => [...decide.querySelectorAll(".judge")];
const answer = (judge) => judge.querySelector(":checked")?.value ?? "";
const labelOf = (judge) => judge.querySelector("input").name;
const nameOf = (element) => element.closest("fieldset").querySelector("legend .name").textContent;

function choose(input, checked = true) {
  input.checked = checked;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

function goThrough(radios) {
  const next = (radios.findIndex((radio) => radio.checked) + 1) % radios.length;
  choose(radios[next]);
}

// The kinds that the digits from 3 on stand for: those of the label last answered yes, or, with
// two times no, what the post is instead.
function activate(judge) {
  const yes = labels().filter((other) => answer(other) === "yes");
  const no = labels().every((other) => answer(other) === "no");
  const active = yes.includes(judge) ? judge : yes.at(-1);
  for (const kinds of decide.querySelectorAll(".kinds")) {
    const own = active ? kinds.dataset.label === labelOf(active) : no && kinds.id === "kinds-none";
    kinds.toggleAttribute("data-active", own);
  }
}

function followAnswers(judge) {
  activate(judge);
  const none = decide.querySelector('[name="action"][value="none"]');
  const harmless = labels().every((other) => answer(other) && answer(other) !== "yes");
  if (harmless && !value("action")) {
    none.checked = true;
    chosenForThem = none;
  } else if (!harmless && chosenForThem?.checked) {
    none.checked = false;
    chosenForThem = null;
  }
}

function missing() {
  for (const judge of labels()) {
    if (!answer(judge)) {
      return [judge, `Say yes, no or can't tell: ${nameOf(judge)} (key ${judge.dataset.key}).`];
    }
  }
  const yes = labels().filter((judge) => answer(judge) === "yes");
  const kinds = yes.map((judge) => at(`#kinds-${labelOf(judge)} :checked`));
  if (yes.length && !kinds.some(Boolean)) {
    return [at(`#kinds-${labelOf(yes[0])}`), "Say which kind of offer it is (keys 3 to 9, and 0)."];
  }
  if (labels().every((judge) => answer(judge) === "no") && !value("reason")) {
    return [at("#kinds-none"), "Say what it is instead (keys 3 to 9)."];
  }
  if (yes.length && !value("action")) {
    return [at(".act"), "Say what is done about it (keys R, T, L, K)."];
  }
  return null;
}

if (decide) {
  decide.addEventListener("change", ({ target }) => {
    const judge = target.closest(".judge");
    if (judge) followAnswers(judge);
    if (target.name === "action") chosenForThem = null;
    problem.hidden = true;
    if (target !== document.activeElement && target.type !== "textarea") {
      const state = target.type === "checkbox" && !target.checked ? ", not" : "";
      const name = target.parentElement.querySelector("span").firstChild.textContent.trim();
      said.textContent = `${nameOf(target)}: ${name}${state}`;
    }
  });
  decide.addEventListener("submit", (event) => {
    const gap = missing();
    if (!gap) return;
    event.preventDefault();
    problem.textContent = gap[1];
    problem.hidden = false;
    gap[0].querySelector("input").focus();
  });
  labels().forEach(activate);
}

// One submission per page: a second Enter while the first is on its way would meet a post that
// has been decided already.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method === "dialog") return;
  if (leaving) event.preventDefault();
  leaving = true;
});
window.addEventListener("pageshow", () => {
  leaving = false;
});

const submit = (selector) => at(selector)?.requestSubmit();

function digit(number) {
  if (!decide) return;
  const judge = labels().find((other) => other.dataset.key === number);
  if (judge) return goThrough([...judge.querySelectorAll("input")]);
  const input = decide.querySelector(`.kinds[data-active] [data-key="${number}"]`);
  if (input) choose(input, input.type === "radio" || !input.checked);
}

const keys = {
  c: () => (at("#next") ? submit("#next") : at("#lost a")?.click()),
  n: () => {
    for (const judge of decide ? labels() : []) {
      if (!answer(judge)) choose(judge.querySelector('[value="no"]'));
    }
  },
  u: () => at("#undo:not([hidden])")?.requestSubmit(),
  s: () => submit("#skip"),
  p: () => submit("#release"),
  f: () => at("#note")?.focus(),
  e: () => {
    if (!at("#escalate")) return;
    at("#escalate").open = true;
    at("#escalate-note").focus();
  },
  h: () => goThrough([...document.querySelectorAll('[name="reading"]')]),
  v: () => at("#unveil") && choose(at("#unveil"), !at("#unveil").checked),
  "?": () => at("#help-button")?.click(),
  enter: () => decide?.requestSubmit(decide.querySelector('[value="next"]')),
};

// The letter of the key; by its place on keyboards whose letters are not Latin.
function nameOfKey({ key, code, shiftKey }) {
  if (key === "?" || key === "؟" || (code === "Slash" && shiftKey)) return "?";
  if (/^[a-z]$/i.test(key)) return key.toLowerCase();
  if (/^Key[A-Z]$/.test(code)) return code.slice(3).toLowerCase();
  return key.toLowerCase();
}

document.addEventListener("keydown", (event) => {
  const { target } = event;
  if (event.ctrlKey && event.key === "Enter" && target.id === "note") return keys.enter();
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
  if (at("dialog[open]") || (at(".panel[inert]") && nameOfKey(event) !== "c")) return;
  const writing = target.closest('textarea, select, [type="text"], [type="date"], [type="password"]');
  if (writing) {
    if (event.key === "Escape") target.blur();
    return;
  }
  if (localStorage.getItem("lurewatch-keys") === "off") return;
  // On these, Enter already means something.
  if (event.key === "Enter" && target.closest("a, button, summary, input")) return;
  const number = /^(?:Digit|Numpad)(\d)$/.exec(event.code);
  const name = nameOfKey(event);
  const action = decide?.querySelector(`.act [data-key="${CSS.escape(name.toUpperCase())}"]`);
  if (number) digit(number[1]);
  else if (action) choose(action);
  else if (Object.hasOwn(keys, name)) keys[name]();
  else return;
  event.preventDefault();
});
