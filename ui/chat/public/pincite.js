// The source panel: a citation link opens the abstract beside the chat, with the quoted span highlighted.
// Text from papers reaches the page as text nodes only.
"use strict";

// Follow the system's light or dark, unless the reader chose otherwise (Chainlit's own default is dark).
localStorage.getItem("vite-ui-theme") ?? localStorage.setItem("vite-ui-theme", "system");

const LINK = "#source?"; // a citation
const PAPER = "#paper?"; // an abstract as a whole
const EDIT = "#edit?"; // a question to put into the box
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

// Chainlit's box is React's: it hears of a text only through the setter and the event of its own.
function fill(question) {
  const box = document.getElementById("chat-input");
  const setter = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(box), "value").set;
  setter.call(box, question);
  box.dispatchEvent(new Event("input", { bubbles: true }));
  box.focus();
  box.setSelectionRange(question.length, question.length);
}

// Below the abstract, the titles of papers like this one; each opens in its place.
function similarButton(paper) {
  const button = element("button", { type: "button" }, "Find similar");
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      const response = await fetch(`/similar?paper=${encodeURIComponent(paper)}`);
      const found = await response.json();
      if (!response.ok) throw new Error(String(found.detail));
      const items = found.map(({ title, link }) => element("li", {}, element("a", { href: link }, title)));
      content.append(element("h3", { tabindex: "-1" }, "Similar papers"),
        items.length ? element("ul", {}, ...items) : element("p", {}, "There is no other paper."));
      content.querySelector("h3").scrollIntoView({ block: "start" });
    } catch (problem) {
      content.append(element("p", { role: "alert" }, `Similar papers could not be found: ${problem.message}`));
    }
  });
  return button;
}

function show(source, paper) {
  const parts = [element("h2", { tabindex: "-1" }, source.title || "Untitled")];
  if (source.byline) parts.push(element("p", { class: "source-byline" }, source.byline));
  if (source.url) {
    const link = element("a", { href: source.url, target: "_blank", rel: "noopener noreferrer" }, source.url);
    parts.push(element("p", { class: "source-byline" }, link));
  }
  const mark = source.quote ? [element("mark", {}, source.quote)] : [];
  content.replaceChildren(...parts, element("p", { class: "source-abstract" }, source.before, ...mark, source.after));
  actions.replaceChildren(similarButton(paper));
  if (!navigator.clipboard) return; // there is none where the page comes over plain http from another machine
  if (source.quote) actions.append(copyButton("Copy quote", source.quote));
  actions.append(copyButton("Copy citation", source.reference));
}

function complain(problem) {
  content.replaceChildren(element("p", { role: "alert", tabindex: "-1" }, problem));
  actions.replaceChildren();
}

async function load(query) {
  try {
    const response = await fetch(`/source?${query}`);
    const answer = await response.json();
    if (response.ok) show(answer, new URLSearchParams(query).get("paper"));
    else complain(String(answer.detail));
  } catch {
    complain("The source could not be loaded: pincite does not answer.");
  }
}

function opens(hash) {
  return Boolean(hash?.startsWith(LINK) || hash?.startsWith(PAPER));
}

async function open(hash, link) {
  const cited = hash.startsWith(LINK);
  const back = panel.contains(link) ? opener : link; // from a similar paper, to where the panel came from
  await load(hash.slice((cited ? LINK : PAPER).length));
  close();
  opener = back;
  back?.setAttribute("aria-current", "true");
  label.textContent = cited ? `Source ${link?.textContent ?? ""}` : "Abstract";
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
  const plain = !event.ctrlKey && !event.metaKey && !event.shiftKey;
  if (link?.hash.startsWith(EDIT) && plain) {
    event.preventDefault();
    fill(new URLSearchParams(link.hash.slice(EDIT.length)).get("question"));
  } else if (opens(link?.hash) && plain) {
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
if (opens(location.hash)) open(location.hash, null); // a citation opened in a tab of its own
