// The page: what it shows, and what its buttons do. Everything written into it is text, never markup.

import { show } from "./journal.js";
import { Provider, Refused } from "./oauth.js";
import { tokens } from "./storage.js";

const app = document.getElementById("app");
const provider = new Provider(app.dataset);
const part = (id) => document.getElementById(id);

// Kept in memory only, so that one can see that it is worth nothing.
let ended = null;

function say(sentence, isError = false) {
  part("status").hidden = !sentence;
  part("status").classList.toggle("op-notice-danger", isError);
  part("status").classList.toggle("demo-done", !isError);
  part("status").textContent = sentence;
}

function showWhereWeAre() {
  const isSignedIn = tokens.get() !== null;
  for (const element of app.querySelectorAll("[data-when]")) {
    element.hidden = (element.dataset.when === "signed-in") !== isSignedIn;
  }
  part("try-ended").hidden = ended === null;
}

function noteLine(note) {
  const item = document.createElement("li");
  const origin = document.createElement("small");
  origin.textContent = [note.organization, note.author].filter(Boolean).join(" · ");
  item.append(note.text, origin);
  return item;
}

async function readNotes() {
  const [profile, notes] = await Promise.all([provider.callApi("user-profile"), provider.callApi("notes")]);
  if (!profile.response.ok || !notes.response.ok) {
    part("notes").replaceChildren();
    throw new Refused(`The API answered ${notes.response.status}: the access of this app has ended.`);
  }
  const { name, username } = JSON.parse(profile.text);
  part("greeting").textContent = `Hello ${name || username}`;
  part("notes").replaceChildren(...JSON.parse(notes.text).map(noteLine));
}

// One thing at a time: two refreshes at once would spend one token twice.
async function attempt(action) {
  const buttons = [...app.querySelectorAll("button")];
  buttons.forEach((button) => (button.disabled = true));
  app.setAttribute("aria-busy", "true");
  try {
    await action();
  } catch (error) {
    say(error instanceof Refused ? error.message : "The provider did not answer.", true);
  } finally {
    buttons.forEach((button) => (button.disabled = false));
    app.removeAttribute("aria-busy");
    showWhereWeAre();
  }
}

part("sign-in").addEventListener("click", () => attempt(() => provider.signIn()));
part("read").addEventListener("click", () =>
  attempt(async () => {
    await readNotes();
    say("Read again.");
  }),
);
part("refresh").addEventListener("click", () =>
  attempt(async () => {
    await provider.refresh();
    await readNotes();
    say("Refreshed: a new access token, and a new refresh token in place of the old one.");
  }),
);
part("revoke").addEventListener("click", () =>
  attempt(async () => {
    ended = await provider.revoke();
    say("Disconnected: the tokens are worth nothing any more.");
  }),
);
part("try-ended").addEventListener("click", () =>
  attempt(async () => {
    const { response } = await provider.callApi("notes", ended);
    say(`The API answered ${response.status}: ${response.ok ? "it took" : "it opens nothing with"} a revoked token.`, response.ok);
  }),
);

show();
attempt(async () => {
  const isNew = await provider.takeAnswer();
  if (tokens.get() !== null) {
    await readNotes();
  }
  if (isNew) {
    say("Connected.");
  }
});
