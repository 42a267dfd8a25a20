// One question to the server at a time: it waits in line, is answered step by step, can be cancelled, and ends.
// Given by gr.HTML: element, trigger, props, watch.

// Keeps phase (idle, running, stopping), request, answer and stopped in `state`, and calls draw() whenever they change;
// drawControls() where the answer stays. `prefix` is that of the tab's ids, its line's and its event's.
function asking(state, prefix, draw, drawControls) {
  Object.assign(state, { phase: "idle", request: 0, answer: null, stopped: false });
  const alert = find(`#${prefix}-alert`);

  function ask(asked) {
    Object.assign(state, { phase: "running", answer: null, stopped: false });
    alarm();
    trigger("run", { asked: { ...asked, request: ++state.request } });
    draw();
  }

  // The work stops after the forward pass that is under way; only then can another begin.
  function stop() {
    if (state.phase !== "running") return;
    Object.assign(state, { phase: "stopping", stopped: true });
    trigger("stop", {});
    drawControls();
  }

  // What was asked about is no longer on show; answers under way are not for what is.
  function forget() {
    stop();
    Object.assign(state, { request: state.request + 1, answer: null, stopped: false });
    alarm();
  }

  function receive() {
    const { request, error, ...answer } = props.value ?? {};
    if (request !== state.request || state.stopped) return;
    if (error) alarm(error);
    else state.answer = answer;
    draw();
  }

  function ended() {
    if (state.phase === "idle") return;
    const { request, phase } = state;
    state.phase = "idle";
    draw();
    setTimeout(() => {
      const silent = phase === "running" && state.request === request && !state.answer && alert.hidden;
      if (silent && ready()) alarm("The server did not answer: try again in a moment.");
    }, 1000);
  }

  function alarm(sentence) {
    alert.textContent = sentence ? `${sentence[0].toUpperCase()}${sentence.slice(1)}.`.replace(/\.\.$/, ".") : "";
    alert.hidden = !sentence;
  }

  // How many experiments of others go first: Gradio says it beside the tab, as "queue: 2/3".
  const line = document.querySelector(`#${prefix}-line`);
  function ahead() {
    const count = Number(line.textContent.match(/queue: (\d+)/)?.[1] ?? 0);
    return count ? `Waiting: ${count} other ${count === 1 ? "experiment goes" : "experiments go"} first` : "";
  }

  document.addEventListener(`${prefix}-ended`, ended);
  new MutationObserver(drawControls).observe(line, { subtree: true, childList: true, characterData: true });
  watch("value", receive);
  return { ask, stop, forget, alarm, ahead };
}
