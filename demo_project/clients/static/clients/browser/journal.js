// The requests that really happened, as this page sent them and as far as a browser shows a page the answers.

import { journal } from "./storage.js";

const KEPT = 30;
const LONGEST_BODY = 4000;
const SHOWN_HEADERS = ["www-authenticate", "content-type", "cache-control"];
const SECRETS = new Set(["code", "code_verifier", "token", "refresh_token", "access_token"]);
const LONG_VALUES = /eyJ[\w-]{20,}\.[\w-]+\.[\w-]+|op_[a-z]{2}_[0-9A-Za-z]{49}|[\w-]{120,}/g;

function shorten(text) {
  return text.replace(LONG_VALUES, (found) => `${found.slice(0, 11)}…${found.slice(-4)}`);
}

function pairs(parameters) {
  return [...parameters].map(([name, value]) => {
    const shortened = shorten(value);
    const isShown = !SECRETS.has(name) || shortened !== value || value.length <= 8;
    return `${name}=${isShown ? shortened : `${value.slice(0, 8)}…`}`;
  });
}

function question(method, url, { headers = {}, body } = {}) {
  const lines = [`${method} ${url.pathname}`];
  pairs(url.searchParams).forEach((pair, place) => lines.push(`  ${place === 0 ? "?" : "&"}${pair}`));
  lines.push(`Host: ${url.host}`);
  for (const [name, value] of Object.entries(headers)) {
    lines.push(`${name}: ${shorten(value)}`);
  }
  if (body instanceof URLSearchParams) {
    lines.push("", pairs(body).join("\n&"));
  } else if (body !== undefined) {
    lines.push("", shorten(String(body)));
  }
  return lines.join("\n");
}

function answer(response, text) {
  const lines = [`${response.status} ${response.statusText}`.trim()];
  for (const name of SHOWN_HEADERS) {
    const value = response.headers.get(name);
    if (value !== null) {
      lines.push(`${name}: ${shorten(value)}`);
    }
  }
  if (text) {
    let shown = text;
    try {
      shown = JSON.stringify(JSON.parse(text), null, 2).replace(/\[[^[\]{}]*\]/g, (list) => list.replace(/\s+/g, " "));
    } catch {
      // Not JSON: as it came.
    }
    shown = shorten(shown);
    lines.push("", shown.length > LONGEST_BODY ? `${shown.slice(0, LONGEST_BODY)}\n…` : shown);
  }
  return lines.join("\n");
}

function keep(entry) {
  journal.set([...journal.get(), entry].slice(-KEPT));
  show();
}

// fetch, with the exchange noted; resolves to the response and its text.
export async function send(method, address, options = {}) {
  const url = new URL(address);
  const entry = { method, path: url.pathname, host: url.host, sender: "This page", question: question(method, url, options) };
  let response;
  try {
    // No cookies, ever: the token in the header is all this page has.
    response = await fetch(url, { method, credentials: "omit", cache: "no-store", redirect: "error", ...options });
  } catch (error) {
    keep({ ...entry, status: 0, answer: "No answer that this page may read." });
    throw error;
  }
  const text = await response.text();
  keep({ ...entry, status: response.status, answer: answer(response, text) });
  return { response, text };
}

// Where the browser itself goes, or came from: this page sees no answer of it.
export function went(address) {
  const url = new URL(address);
  keep({ method: "GET", path: url.pathname, host: url.host, sender: "Your browser", question: question("GET", url), status: 0 });
}

export function forget() {
  journal.set(null);
  show();
}

export function show() {
  const list = document.getElementById("exchanges");
  const template = document.getElementById("exchange");
  const entries = journal.get();
  document.getElementById("no-exchanges").hidden = entries.length > 0;
  list.replaceChildren(
    ...entries.toReversed().map((entry, place) => {
      const item = template.content.cloneNode(true);
      const part = (name) => item.querySelector(name);
      part(".demo-exchange").open = place === 0;
      part(".demo-line").textContent = `${entry.method} ${entry.path}`;
      part(".demo-who").textContent = `${entry.sender} → ${entry.host}`;
      part(".demo-question").textContent = entry.question;
      if (entry.answer === undefined) {
        part(".demo-status").remove();
        part(".demo-answer").remove();
        return item;
      }
      part(".demo-status").textContent = entry.status || "—";
      part(".demo-status").classList.toggle("demo-status-refused", !(entry.status && entry.status < 400));
      part(".demo-answer").textContent = entry.answer;
      return item;
    }),
  );
}
