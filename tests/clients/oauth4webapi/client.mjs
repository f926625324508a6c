// A client written with oauth4webapi. It speaks to the test in lines of JSON: what a person has to do goes out,
// what came of it comes in. Whatever the library does not accept ends the process with its error.

import assert from 'node:assert/strict'
import { createInterface } from 'node:readline'
import * as oauth from 'oauth4webapi'

const { issuer, redirectUri, web, native, tv, machine, api } = JSON.parse(process.env.SITUATION)
const http = { [oauth.allowInsecureRequests]: true }
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()

async function person(request) {
  process.stdout.write(`${JSON.stringify(request)}\n`)
  return JSON.parse((await lines.next()).value)
}

function passed(step) {
  process.stdout.write(`${JSON.stringify({ passed: step })}\n`)
}

const url = new URL(issuer)
for (const algorithm of ['oidc', 'oauth2']) {
  await oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, { ...http, algorithm }))
}
const as = await oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, http))
passed('discovery')

async function signIn({ client_id, secret }, { decision = 'allow' } = {}) {
  const client = { client_id }
  const auth = secret ? oauth.ClientSecretBasic(secret) : oauth.None()
  const verifier = oauth.generateRandomCodeVerifier()
  const state = oauth.generateRandomState()
  const nonce = oauth.generateRandomNonce()
  const authorize = new URL(as.authorization_endpoint)
  authorize.search = new URLSearchParams({
    client_id,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid read',
    prompt: 'consent',
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
  })
  const { answer } = await person({ open: authorize.href, decision })
  // Checks state, and `iss` because the metadata says that it comes (RFC 9207).
  const callback = oauth.validateAuthResponse(as, client, new URL(answer), state)
  const response = await oauth.authorizationCodeGrantRequest(as, client, auth, callback, redirectUri, verifier, http)
  const tokens = await oauth.processAuthorizationCodeResponse(as, client, response, {
    expectedNonce: nonce,
    requireIdToken: true,
  })
  await oauth.validateApplicationLevelSignature(as, response, http)
  return { client, auth, tokens, claims: oauth.getValidatedIdTokenClaims(tokens) }
}

let sub
for (const [name, registered] of Object.entries({ web, native })) {
  const { client, auth, tokens, claims } = await signIn(registered)
  // One person is the same `sub` at every client.
  sub ??= claims.sub
  assert.equal(claims.sub, sub)
  passed(`code ${name}`)

  const asked = await oauth.userInfoRequest(as, client, tokens.access_token, http)
  await oauth.processUserInfoResponse(as, client, claims.sub, asked)
  passed(`userinfo ${name}`)

  const request = new Request(`${issuer}/api/notes`, { headers: { authorization: `Bearer ${tokens.access_token}` } })
  const access = await oauth.validateJwtAccessToken(as, request, issuer, http)
  assert.equal(access.client_id, client.client_id)
  passed(`access token ${name}`)

  const refreshed = await oauth.processRefreshTokenResponse(
    as, client, await oauth.refreshTokenGrantRequest(as, client, auth, tokens.refresh_token, http),
  )
  assert.notEqual(refreshed.refresh_token, tokens.refresh_token)
  passed(`refresh ${name}`)

  const reader = { client_id: api.client_id }
  const introspect = async (token) => oauth.processIntrospectionResponse(
    as, reader, await oauth.introspectionRequest(as, reader, oauth.ClientSecretPost(api.secret), token, http),
  )
  assert.equal((await introspect(refreshed.access_token)).sub, sub)
  passed(`introspection ${name}`)

  await oauth.processRevocationResponse(
    await oauth.revocationRequest(as, client, auth, refreshed.refresh_token, http),
  )
  assert.equal((await introspect(refreshed.access_token)).active, false)
  passed(`revocation ${name}`)
}

await assert.rejects(signIn(web, { decision: 'deny' }), (error) => {
  assert.ok(error instanceof oauth.AuthorizationResponseError)
  assert.equal(error.error, 'access_denied')
  return true
})
passed('denied')

{
  const client = { client_id: machine.client_id }
  const response = await oauth.clientCredentialsGrantRequest(
    as, client, oauth.ClientSecretPost(machine.secret), new URLSearchParams({ scope: 'read' }), http,
  )
  const tokens = await oauth.processClientCredentialsResponse(as, client, response)
  assert.equal(tokens.scope, 'read')
  passed('client credentials')

  const refused = await oauth.clientCredentialsGrantRequest(
    as, client, oauth.ClientSecretBasic('wrong'), new URLSearchParams(), http,
  )
  // The challenge of a 401 is parsed and thrown as such.
  await assert.rejects(oauth.processClientCredentialsResponse(as, client, refused), oauth.WWWAuthenticateChallengeError)
  passed('wrong secret')
}

{
  const client = { client_id: tv.client_id }
  const started = await oauth.processDeviceAuthorizationResponse(
    as, client,
    await oauth.deviceAuthorizationRequest(as, client, oauth.None(), new URLSearchParams({ scope: 'read' }), http),
  )
  const poll = async () => oauth.processDeviceCodeResponse(
    as, client, await oauth.deviceCodeGrantRequest(as, client, oauth.None(), started.device_code, http),
  )
  await assert.rejects(poll(), { error: 'authorization_pending' })
  await person({ device: started.verification_uri_complete })
  await new Promise((resolve) => setTimeout(resolve, 1000 * started.interval + 100))
  const tokens = await poll()
  assert.equal(tokens.scope, 'read')
  passed('device')
}

{
  const register = async (metadata) => oauth.processDynamicClientRegistrationResponse(
    await oauth.dynamicClientRegistrationRequest(as, metadata, http),
  )
  const wanted = {
    client_name: 'Registered by itself',
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: 'client_secret_basic',
    scope: 'openid read',
  }
  const registered = await register(wanted)
  assert.deepEqual({ ...registered, ...wanted }, registered)
  passed('registration')

  const { tokens } = await signIn({ client_id: registered.client_id, secret: registered.client_secret })
  assert.ok(tokens.refresh_token)
  passed('registered client')

  await assert.rejects(register({ ...wanted, redirect_uris: ['http://app.example/'] }), { error: 'invalid_redirect_uri' })
  passed('registration refused')

  const own = async (method, token, body) => fetch(registered.registration_client_uri, {
    method, body, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  })
  const changed = await own('PUT', registered.registration_access_token, JSON.stringify({
    ...wanted, client_id: registered.client_id, client_name: 'Renamed',
  }))
  const { client_name: name, registration_access_token: token } = await changed.json()
  assert.equal(name, 'Renamed')
  assert.equal((await own('DELETE', registered.registration_access_token)).status, 401)
  assert.equal((await own('DELETE', token)).status, 204)
  assert.equal((await own('GET', token)).status, 401)
  passed('registration changed and ended')
}

process.stdout.write(`${JSON.stringify({ done: true })}\n`)
process.exit(0)
