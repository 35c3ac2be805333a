// Counts down the seconds in which a decision can be taken back. The server has the last word.

const bar = document.querySelector("#undo");
if (bar) {
  const until = performance.now() + bar.dataset.seconds * 1000;
  const left = bar.querySelector("#undo-left");
  const show = () => {
    const seconds = Math.ceil((until - performance.now()) / 1000);
    left.textContent = `${seconds} s`;
    if (seconds > 0) return;
    clearInterval(timer);
    bar.hidden = true;
  };
  const timer = setInterval(show, 250);
  bar.classList.add("floating");
  show();
}
