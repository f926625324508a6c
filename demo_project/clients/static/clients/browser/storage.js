// What this page keeps between its own reloads: in sessionStorage, so for this tab and no longer.
//
// Any script that runs in this page can read it. That is why the page loads no script of anybody else and its policy
// forbids others; a real app with more than notes to lose may prefer a backend of its own that keeps the tokens and
// gives the page only a cookie ("backend for frontend": OAuth 2.0 for Browser-Based Applications, section 6.1).

const TOKENS = "notes.tokens";
const PENDING = "notes.pending";
const JOURNAL = "notes.journal";

function read(key) {
  const kept = sessionStorage.getItem(key);
  return kept === null ? null : JSON.parse(kept);
}

function write(key, value) {
  if (value === null) {
    sessionStorage.removeItem(key);
  } else {
    sessionStorage.setItem(key, JSON.stringify(value));
  }
}

export const tokens = { get: () => read(TOKENS), set: (value) => write(TOKENS, value) };
export const journal = { get: () => read(JOURNAL) ?? [], set: (value) => write(JOURNAL, value) };

// State and code verifier of the request that is under way: read once, then gone.
export const pending = {
  set: (value) => write(PENDING, value),
  take() {
    const value = read(PENDING);
    write(PENDING, null);
    return value;
  },
};
