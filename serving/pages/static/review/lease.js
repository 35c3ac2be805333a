// Keeps the post in its moderator's hands while they are at it, and says when it is not any more.
// A page that is open is no person: without a sign of one the lease runs out like any other.

const work = document.querySelector("#work");
const lost = document.querySelector("#lost");
const idle = document.querySelector("#idle");
const idleWords = document.querySelector("#idle-words");
const shown = document.querySelector("#lease");
const GONE = new Set([401, 403, 404, 409]);
const SIGNS = ["keydown", "input", "pointerdown", "pointermove", "wheel", "scroll", "touchmove"];
const PATIENCE = 15_000; // milliseconds for an answer, so that one which hangs holds up no other

let whole = Number(work.dataset.lease) * 1000; // of the lease, as it was last given
const every = Math.min(Math.max(whole / 3_000, 1), 60) * 1000;
let until = performance.now() + whole;
let ended = whole === 0;
let someone = true; // has shown themselves since the last beat; whoever opens a page has
let asking = false; // a beat is on its way

function end(why) {
  ended = true;
  lost.textContent = `${why} `;
  const link = document.createElement("a");
  link.href = "/review";
  link.textContent = "Back to the queue";
  lost.append(link);
  lost.hidden = false;
  idle.hidden = true;
  shown.textContent = "Not in your hands any more";
  document.querySelector(".panel").inert = true;
}

async function beat() {
  if (ended || asking || !someone || document.visibilityState !== "visible") return;
  someone = false;
  asking = true;
  try {
    const response = await fetch(work.dataset.heartbeat, {
      method: "POST",
      headers: { "X-CSRF-Token": work.dataset.csrf, Accept: "application/json" },
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (response.ok) {
      whole = (await response.json()).seconds * 1000;
      until = performance.now() + whole;
      tick();
    } else if (GONE.has(response.status)) {
      const { detail, title } = await response.json();
      end(detail ? detail[0].toUpperCase() + detail.slice(1) : title);
    } else {
      someone = true; // the next beat tries again, and the clock below goes on
    }
  } catch {
    someone = true; // the same where the network is away
  } finally {
    asking = false;
  }
}

function say(element, words) {
  if (element.textContent !== words) element.textContent = words; // said aloud only when it changes
}

function tick() {
  if (ended) return;
  const left = until - performance.now();
  if (left <= 0) return end("Your time with this post ran out: nothing has been decided.");
  const minutes = Math.ceil(left / 60_000);
  say(shown, `Yours for ${minutes} min`);
  idle.hidden = left > whole / 3;
  if (!idle.hidden) say(idleWords, `This post goes back to the queue in ${minutes} min.`);
}

function sign({ type }) {
  // What comes in a row, such as scrolling, is one sign. On its way to the button the pointer must
  // not make it go away.
  if (asking || (type === "pointermove" && !idle.hidden)) return;
  someone = true;
  if (!idle.hidden) beat();
}

if (!ended) {
  setInterval(beat, every);
  setInterval(tick, Math.min(every, 5_000));
  for (const kind of SIGNS) addEventListener(kind, sign, { capture: true, passive: true });
  idle.addEventListener("click", sign); // all that a screen reader or a voice sends
  document.addEventListener("visibilitychange", (event) => {
    sign(event);
    beat();
  });
}
