// A relying party written with openid-client. It speaks to the test in lines of JSON: what a person has to do goes
// out, what came of it comes in. Whatever the library does not accept ends the process with its error.

import assert from 'node:assert/strict'
import { createInterface } from 'node:readline'
import * as oidc from 'openid-client'

const { issuer, redirectUri, web, native, api } = JSON.parse(process.env.SITUATION)
const insecure = { execute: [oidc.allowInsecureRequests] }
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()

async function person(request) {
  process.stdout.write(`${JSON.stringify(request)}\n`)
  return new URL(JSON.parse((await lines.next()).value).answer)
}

function passed(step) {
  process.stdout.write(`${JSON.stringify({ passed: step })}\n`)
}

function discover({ client_id, secret }) {
  const auth = secret ? oidc.ClientSecretBasic(secret) : oidc.None()
  return oidc.discovery(new URL(issuer), client_id, undefined, auth, insecure)
}

async function ask(config, parameters = {}) {
  const checks = {
    pkceCodeVerifier: oidc.randomPKCECodeVerifier(),
    expectedState: oidc.randomState(),
    expectedNonce: oidc.randomNonce(),
    idTokenExpected: true,
  }
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: 'openid profile email read',
    code_challenge: await oidc.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    ...parameters,
  })
  return { url: url.href, checks }
}

async function signIn(config, parameters, { decision = 'allow', ...more } = {}) {
  const { url, checks } = await ask(config, parameters)
  // `state`, `iss` (RFC 9207), the ID token with its signature's algorithm, `nonce` and `at_hash` are checked inside.
  return oidc.authorizationCodeGrant(config, await person({ open: url, decision }), { ...checks, ...more })
}

const config = await discover(web)
const metadata = config.serverMetadata()
assert.equal(metadata.issuer, issuer)
assert.ok(metadata.supportsPKCE())
passed('discovery')

// The signature itself, with the keys of jwks_uri.
oidc.enableNonRepudiationChecks(config)
const tokens = await signIn(config)
const claims = tokens.claims()
assert.equal(claims.iss, issuer)
assert.equal(claims.aud, web.client_id)
assert.ok(claims.auth_time <= claims.iat)
// Claims of the person belong to userinfo.
assert.equal(claims.email, undefined)
passed('sign-in')

const info = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub)
assert.equal(info.email, 'alice@people.example')
assert.equal(info.preferred_username, 'alice')
passed('userinfo')

const singled = await signIn(config, { scope: 'openid email', claims: JSON.stringify({ id_token: { email: null } }) })
assert.equal(singled.claims().email, 'alice@people.example')
passed('claims parameter')

const silent = await signIn(config, { scope: 'openid', prompt: 'none', id_token_hint: tokens.id_token })
assert.equal(silent.claims().sub, claims.sub)
assert.equal(silent.claims().auth_time, claims.auth_time)
passed('silent')

const recent = await signIn(config, { scope: 'openid', max_age: '10000' }, { maxAge: 10000 })
assert.equal(recent.claims().auth_time, claims.auth_time)
passed('max_age')

const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token)
assert.notEqual(refreshed.refresh_token, tokens.refresh_token)
assert.equal(refreshed.claims().sub, claims.sub)
assert.equal(refreshed.claims().auth_time, claims.auth_time)
passed('refresh')

const reader = await discover(api)
assert.equal((await oidc.tokenIntrospection(reader, refreshed.access_token)).sub, claims.sub)
passed('introspection')

await oidc.tokenRevocation(config, refreshed.refresh_token)
assert.equal((await oidc.tokenIntrospection(reader, refreshed.access_token)).active, false)
await assert.rejects(oidc.refreshTokenGrant(config, refreshed.refresh_token), { error: 'invalid_grant' })
passed('revocation')

const publicClient = await discover(native)
const onDevice = await signIn(publicClient, { scope: 'openid read' })
assert.equal(onDevice.claims().sub, claims.sub)
passed('public client')

await assert.rejects(signIn(config, { prompt: 'consent' }, { decision: 'deny' }), { error: 'access_denied' })
passed('denied')

await assert.rejects(signIn(config, {}, { expectedNonce: 'another' }), { code: 'OAUTH_JWT_CLAIM_COMPARISON_FAILED' })
passed('other nonce')

process.stdout.write(`${JSON.stringify({ done: true })}\n`)
process.exit(0)
