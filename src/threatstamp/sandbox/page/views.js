// The dialog that the app has opened for whom the page acts as.
import { blocks, make } from "./render.js";

const isGroup = (element) => element.type === "radio_buttons" || element.type === "checkboxes";

const field = (state, block) => {
  const element = block.element, name = `view-${block.block_id}`;
  if (isGroup(element)) {
    const group = make("div", undefined, "choices"), isMany = element.type === "checkboxes";
    const first = (element.initial_options ?? [element.initial_option]).map((one) => one?.value);
    for (const [number, option] of element.options.entries()) {
      const label = make("label");
      const input = make("input");
      Object.assign(input, { type: isMany ? "checkbox" : "radio", name, value: option.value, id: `${name}-${number}`, checked: first.includes(option.value), required: !isMany && !block.optional });
      label.append(input, " ", option.text.text);
      group.append(label);
    }
    return group;
  }
  const isSelect = element.type === "static_select" || element.type === "users_select";
  const input = make(isSelect ? "select" : element.multiline ? "textarea" : "input");
  Object.assign(input, { name, id: name, required: !block.optional });
  if (isSelect) {
    const people = state.users.filter((one) => !one.is_bot).map((one) => ({ value: one.id, text: { text: one.display_name } }));
    input.append(make("option", element.placeholder?.text ?? ""));
    input.options[0].value = "";
    for (const one of element.options ?? people) { const option = make("option", one.text.text); option.value = one.value; input.append(option); }
    input.value = element.initial_option?.value ?? element.initial_user ?? "";
  } else if (element.type === "datepicker") { input.type = "date"; input.value = element.initial_date ?? ""; } else {
    input.value = element.initial_value ?? "";
    input.maxLength = element.max_length ?? 3000;
    if (element.placeholder) input.placeholder = element.placeholder.text;
    if (element.multiline) input.rows = 4;
  }
  return input;
};

const inputs = (state, view, parent) => {
  for (const block of view.blocks) {
    if (block.type !== "input") { blocks(state, [block], parent); continue; }
    const made = field(state, block), isOne = !isGroup(block.element);
    const box = make(isOne ? "div" : "fieldset", undefined, "field");
    box.dataset.block = block.block_id;
    const label = make(isOne ? "label" : "legend", block.label.text);
    if (isOne) label.htmlFor = made.id;
    box.append(label, made);
    if (block.hint) box.append(make("p", block.hint.text, "quiet"));
    const problem = make("p", undefined, "problem");
    problem.setAttribute("role", "alert");
    box.append(problem);
    parent.append(box);
  }
};

export const showErrors = (dialog, errors) => {
  for (const box of dialog.querySelectorAll(".field")) box.querySelector(".problem").textContent = errors[box.dataset.block] ?? "";
  dialog.querySelector(`[data-block="${CSS.escape(Object.keys(errors)[0] ?? "")}"] :is(input, textarea, select)`)?.focus();
};

// do_: say(name), submit(values), close().
export const showView = (dialog, state, view, do_) => {
  if (!view) { if (dialog.open) dialog.close(); dialog.dataset.hash = ""; return; }
  if (dialog.dataset.hash === view.hash) { if (!dialog.open) dialog.showModal(); return; }
  dialog.dataset.hash = view.hash;
  const form = make("form");
  const title = make("h2", view.title.text);
  title.id = "view-title";
  form.append(title);
  inputs(state, view, form);
  const line = make("p", undefined, "actions");
  const close = make("button", view.close?.text ?? do_.say("close"), "plain");
  close.type = "button";
  close.onclick = () => do_.close();
  if (view.submit) { const submit = make("button", view.submit.text, "primary"); submit.type = "submit"; line.append(submit); }
  line.append(close);
  form.append(line);
  form.onsubmit = (event) => {
    event.preventDefault();
    const values = {};
    const blockOf = (name) => name.replace(/^view-/, "");
    for (const [name, value] of new FormData(form)) values[blockOf(name)] = value;
    const boxes = [...form.querySelectorAll("input[type=checkbox]")]; // also a group in which none is ticked is said
    for (const box of boxes) values[blockOf(box.name)] = boxes.filter((one) => one.name === box.name && one.checked).map((one) => one.value);
    do_.submit(values);
  };
  dialog.oncancel = (event) => { event.preventDefault(); do_.close(); };
  dialog.replaceChildren(form);
  if (!dialog.open) dialog.showModal();
};
