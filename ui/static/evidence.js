// The Evidence about the evidence tab: one checkpoint's table at a time, at first that of the model shown in Explain.
// Given by gr.HTML: element.

const lens = (window.lens ??= new EventTarget());
let followed = null;

function show(model) {
  element.querySelectorAll("section[data-model]").forEach((section) => {
    section.hidden = section.dataset.model !== model;
  });
}

function follow() {
  if (lens.model === followed) return;
  followed = lens.model;
  const radio = element.querySelector(`[name=evidence-model][value="${CSS.escape(followed)}"]`);
  if (!radio) return;
  radio.checked = true;
  show(followed);
}

element.addEventListener("change", (event) => show(event.target.value));
lens.addEventListener("change", follow);
follow();
