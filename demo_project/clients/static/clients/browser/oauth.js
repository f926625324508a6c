// A public client: authorization code with PKCE (RFC 6749 §4.1, RFC 7636), refresh (§6), revocation (RFC 7009).

import { forget, send, went } from "./journal.js";
import { pending, tokens } from "./storage.js";

export class Refused extends Error {}

function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));

async function challengeOf(verifier) {
  return base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier))));
}

export class Provider {
  #metadata = null;

  constructor({ issuer, clientId, redirectUri, scope }) {
    Object.assign(this, { issuer, clientId, redirectUri, scope });
  }

  // What the server says about itself (RFC 8414); asked once a page.
  async #read(name) {
    if (this.#metadata === null) {
      const { response, text } = await send("GET", `${this.issuer}/.well-known/oauth-authorization-server`);
      const found = response.ok ? JSON.parse(text) : {};
      // RFC 8414 §3.3: a document that names another issuer must not be used.
      if (found.issuer !== this.issuer) {
        throw new Refused("The metadata belongs to another server.");
      }
      this.#metadata = found;
    }
    return this.#metadata[name];
  }

  async signIn() {
    forget();
    const endpoint = await this.#read("authorization_endpoint");
    const [state, verifier] = [random(), random()];
    const url = new URL(endpoint);
    url.search = new URLSearchParams({
      response_type: "code",
      client_id: this.clientId,
      redirect_uri: this.redirectUri,
      scope: this.scope,
      state,
      code_challenge: await challengeOf(verifier),
      code_challenge_method: "S256",
    });
    pending.set({ state, verifier });
    went(url);
    location.assign(url);
  }

  // The provider's answer stands in this page's address. True if there was one, and it brought tokens.
  async takeAnswer() {
    const arrived = new URL(location.href);
    const answer = arrived.searchParams;
    if (!answer.has("state")) {
      return false;
    }
    // Before anything else is done: out of the address bar and of the history.
    history.replaceState(null, "", location.pathname);
    const asked = pending.take();
    // RFC 6749 §10.12: an answer to a question this tab did not ask is thrown away.
    if (asked === null || answer.get("state") !== asked.state) {
      throw new Refused("This answer belongs to no request of this tab.");
    }
    // RFC 9207 §2.4: it must come from the server that was asked.
    if (answer.get("iss") !== this.issuer) {
      throw new Refused("This answer comes from another server.");
    }
    went(arrived);
    if (answer.has("error")) {
      throw new Refused(`The provider answered “${answer.get("error")}”.`);
    }
    await this.#fetchTokens({
      grant_type: "authorization_code",
      code: answer.get("code") ?? "",
      redirect_uri: this.redirectUri,
      code_verifier: asked.verifier,
    });
    return true;
  }

  async refresh() {
    await this.#fetchTokens({ grant_type: "refresh_token", refresh_token: tokens.get()?.refresh_token ?? "" });
  }

  // Revokes the refresh token, and with it everything that followed from it. Returns the access token that ended.
  async revoke() {
    const held = tokens.get();
    const body = { token: held.refresh_token, token_type_hint: "refresh_token" };
    const { response } = await this.#post(await this.#read("revocation_endpoint"), body);
    if (!response.ok) {
      throw new Refused(`The provider answered ${response.status}.`);
    }
    tokens.set(null);
    return held.access_token;
  }

  callApi(path, accessToken = tokens.get()?.access_token ?? "") {
    return send("GET", `${this.issuer}/api/${path}`, { headers: { Authorization: `Bearer ${accessToken}` } });
  }

  async #fetchTokens(form) {
    const { response, text } = await this.#post(await this.#read("token_endpoint"), form);
    const members = JSON.parse(text);
    if (!response.ok) {
      // What was refused is not tried again. (An answer that got lost is: then nothing of this is reached.)
      tokens.set(null);
      throw new Refused(`The provider answered “${members.error}”.`);
    }
    tokens.set({ access_token: members.access_token, refresh_token: members.refresh_token });
  }

  #post(address, form) {
    return send("POST", address, { body: new URLSearchParams({ client_id: this.clientId, ...form }) });
  }
}
