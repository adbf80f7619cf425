// The source panel: a citation link opens the abstract beside the chat, with the quoted span highlighted.
// Text from papers reaches the page as text nodes only.
"use strict";

// Follow the system's light or dark, unless the reader chose otherwise (Chainlit's own default is dark).
localStorage.getItem("vite-ui-theme") ?? localStorage.setItem("vite-ui-theme", "system");

const LINK = "#source?";
const sheet = matchMedia("(max-width: 59.99rem)"); // as in pincite.css: the panel lies over the chat

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

const label = element("span", { class: "source-label" });
const closeButton = element("button", { id: "source-close", type: "button", "aria-label": "Close the source" }, "×");
const content = element("div", { id: "source-content" });
const actions = element("footer");
const panel = element("aside", { id: "source", "aria-label": "Source of a citation", hidden: "" },
  element("header", {}, label, closeButton), content, actions);
let opener = null;

function copyButton(name, text) {
  const button = element("button", { type: "button" }, name);
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = name; }, 1500);
  });
  return button;
}

function show(source) {
  const parts = [element("h2", { tabindex: "-1" }, source.title || "Untitled")];
  if (source.byline) parts.push(element("p", { class: "source-byline" }, source.byline));
  if (source.url) {
    const link = element("a", { href: source.url, target: "_blank", rel: "noopener noreferrer" }, source.url);
    parts.push(element("p", { class: "source-byline" }, link));
  }
  const mark = element("mark", {}, source.quote);
  content.replaceChildren(...parts, element("p", { class: "source-abstract" }, source.before, mark, source.after));
  if (navigator.clipboard) // there is none where the page comes over plain http from another machine
    actions.replaceChildren(copyButton("Copy quote", source.quote), copyButton("Copy citation", source.reference));
}

function complain(problem) {
  content.replaceChildren(element("p", { role: "alert", tabindex: "-1" }, problem));
  actions.replaceChildren();
}

async function load(query) {
  try {
    const response = await fetch(`/source?${query}`);
    const answer = await response.json();
    if (response.ok) show(answer);
    else complain(String(answer.detail));
  } catch {
    complain("The source could not be loaded: pincite does not answer.");
  }
}

async function open(hash, link) {
  await load(hash.slice(LINK.length));
  close();
  opener = link;
  link?.setAttribute("aria-current", "true");
  label.textContent = `Source ${link?.textContent ?? ""}`;
  panel.hidden = false;
  document.documentElement.classList.add("source-open");
  content.scrollTop = 0;
  content.querySelector("[tabindex]").focus({ preventScroll: true });
  content.querySelector("mark")?.scrollIntoView({ block: "nearest" });
}

function close() {
  opener?.removeAttribute("aria-current");
  panel.hidden = true;
  document.documentElement.classList.remove("source-open");
}

function leave() {
  close();
  opener?.focus();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (link?.hash === "#removed") {
    event.preventDefault();
    link.parentElement.classList.toggle("unfolded");
    return;
  }
  if (link?.hash.startsWith(LINK) && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    open(link.hash, link);
  } else if (event.target.closest("#new-chat-button") || (sheet.matches && !panel.contains(event.target))) {
    close();
  }
}, true);

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !panel.hidden) leave();
});

closeButton.addEventListener("click", leave);
document.body.append(panel);
if (location.hash.startsWith(LINK)) open(location.hash, null); // a citation opened in a tab of its own
