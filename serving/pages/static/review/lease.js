// Keeps the post in its moderator's hands while they look at it, and says when it is not any more.

const work = document.querySelector("#work");
const lost = document.querySelector("#lost");
const shown = document.querySelector("#lease");
const GONE = new Set([401, 403, 404, 409]);

let until = performance.now() + work.dataset.lease * 1000;
let ended = Number(work.dataset.lease) === 0;

function end(why) {
  ended = true;
  lost.textContent = `${why} `;
  const link = document.createElement("a");
  link.href = "/review";
  link.textContent = "Back to the queue";
  lost.append(link);
  lost.hidden = false;
  shown.textContent = "Not in your hands any more";
  document.querySelector(".panel").inert = true;
}

async function beat() {
  if (ended || document.visibilityState !== "visible") return;
  try {
    const response = await fetch(work.dataset.heartbeat, {
      method: "POST",
      headers: { "X-CSRF-Token": work.dataset.csrf, Accept: "application/json" },
    });
    if (response.ok) {
      until = performance.now() + (await response.json()).seconds * 1000;
    } else if (GONE.has(response.status)) {
      const { detail, title } = await response.json();
      end(detail ? detail[0].toUpperCase() + detail.slice(1) : title);
    }
  } catch {
    // The network is away; the next beat tries again, and the clock below goes on.
  }
}

function tick() {
  if (ended) return;
  const minutes = Math.ceil((until - performance.now()) / 60_000);
  if (minutes > 0) shown.textContent = `Yours for ${minutes} min`;
  else end("Your time with this post ran out: nothing has been decided.");
}

if (!ended) {
  const every = Math.min(Math.max(work.dataset.lease / 3, 1), 60) * 1000;
  setInterval(beat, every);
  setInterval(tick, Math.min(every, 5_000));
  document.addEventListener("visibilitychange", beat);
}
