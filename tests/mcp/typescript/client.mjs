// An agent with the official TypeScript SDK, as its documentation sets it up. What a person does is asked for on
// stdout, one line of JSON each, and answered on stdin by the address that the browser arrived at.
import assert from "node:assert/strict";
import { createInterface } from "node:readline";

const { mcp, redirectUri, generation } = JSON.parse(process.env.SITUATION);
const [{ Client }, { StreamableHTTPClientTransport }] =
  generation === 1
    ? [
        await import("@modelcontextprotocol/sdk/client/index.js"),
        await import("@modelcontextprotocol/sdk/client/streamableHttp.js"),
      ]
    : Array(2).fill(await import("@modelcontextprotocol/client"));

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const say = (message) => process.stdout.write(JSON.stringify(message) + "\n");
const passed = (step) => say({ passed: step });

const kept = {};
let opened;
const provider = {
  redirectUrl: redirectUri,
  clientMetadata: {
    client_name: "Agent in TypeScript",
    redirect_uris: [redirectUri],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: "none",
  },
  state: () => (kept.state = crypto.randomUUID()),
  clientInformation: () => kept.client,
  saveClientInformation: (client) => void (kept.client = client),
  tokens: () => kept.tokens,
  saveTokens: (tokens) => void (kept.tokens = tokens),
  redirectToAuthorization: (url) => void (opened = url),
  saveCodeVerifier: (verifier) => void (kept.verifier = verifier),
  codeVerifier: () => kept.verifier,
  saveDiscoveryState: (state) => void (kept.discovery = state),
  discoveryState: () => kept.discovery,
};

let transport;
let client;

async function connect() {
  transport = new StreamableHTTPClientTransport(new URL(mcp), { authProvider: provider });
  client = new Client({ name: "agent", version: "1" });
  await client.connect(transport);
}

// Do it; where a person has to allow it first, ask them and do it again.
async function withPerson(act) {
  opened = undefined;
  try {
    return await act();
  } catch (error) {
    if (opened === undefined) throw error;
    say({ open: opened.href });
    const { answer } = JSON.parse((await lines.next()).value);
    const parameters = new URL(answer).searchParams;
    assert.equal(parameters.get("state"), kept.state);
    await transport.finishAuth(generation === 1 ? parameters.get("code") : parameters);
    return await act();
  }
}

const call = async (name, args = {}) => {
  const result = await client.callTool({ name, arguments: args });
  assert.ok(!result.isError, JSON.stringify(result.content));
  return result.structuredContent;
};

await withPerson(connect);
assert.equal(new URL(opened).searchParams.get("resource"), mcp);
assert.equal(kept.tokens.scope, "read");
passed("sign-in");

assert.deepEqual((await client.listTools()).tools.map((tool) => tool.name), ["list_notes", "read_note", "write_note"]);
const notes = (await call("list_notes")).result;
assert.ok(notes.length > 0 && notes.every((note) => note.organization === "harbour-choir"), JSON.stringify(notes));
passed("tools");

const first = kept.tokens;
kept.tokens = { ...first, access_token: "expired" };
opened = undefined;
await call("list_notes");
assert.equal(opened, undefined);
assert.notEqual(kept.tokens.access_token, first.access_token);
assert.notEqual(kept.tokens.refresh_token, first.refresh_token);
passed("refresh");

// With a refresh token the first generation refreshes when more is asked for, gets what it had, and gives up: an
// application has to forget the token for it to ask the person.
if (generation === 1) delete kept.tokens.refresh_token;
const args = { organization: "harbour-choir", text: `From TypeScript ${generation}` };
const written = await withPerson(() => call("write_note", args));
assert.equal(written.text, args.text);
assert.deepEqual(kept.tokens.scope.split(" ").sort(), ["read", "write"]);
passed("step-up");

await client.close();
process.exit(0);
