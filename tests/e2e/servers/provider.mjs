// An OpenID provider (npm oidc-provider) on 127.0.0.1: JWT access tokens by resource indicators, device flow, DPoP, introspection,
// revocation, rotation. Arguments: port, audience, and the public key of the client e2e-key as JSON.
// First line of output: JSON {issuer, jwk, seeded}: the private signing key, so that a test can make tokens the provider would never
// issue, and the address that makes refresh tokens and opaque access tokens without a browser: GET seeded?kind=..&client=..&state=..
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { errors, Provider } from 'oidc-provider';

const [portText, audience, clientKey] = process.argv.slice(2);
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const jwk = { ...privateKey.export({ format: 'jwk' }), kid: 'provider-key-1', use: 'sig', alg: 'RS256' };
const secret = 'plainly-fake-e2e-secret-000000000000';
const machine = { grant_types: ['client_credentials'], redirect_uris: [], response_types: [], scope: 'read write' };
const person = { redirect_uris: ['https://app.example.test/back'], scope: 'openid offline_access read write' };

const clients = [
  { ...machine, client_id: 'e2e-client', client_secret: secret, token_endpoint_auth_method: 'client_secret_basic' },
  { ...machine, client_id: 'e2e-post', client_secret: secret, token_endpoint_auth_method: 'client_secret_post' },
  { ...machine, client_id: 'e2e-odd', client_secret: 'plainly fake%e2e+secret:&0000000000', token_endpoint_auth_method: 'client_secret_basic' },
  { ...machine, client_id: 'e2e-dpop', client_secret: secret, token_endpoint_auth_method: 'client_secret_basic', dpop_bound_access_tokens: true },
  { ...machine, client_id: 'e2e-key', token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [JSON.parse(clientKey)] } },
  { ...person, client_id: 'e2e-person', client_secret: secret, grant_types: ['authorization_code', 'refresh_token'] },
  { ...person, client_id: 'e2e-other-person', client_secret: secret, grant_types: ['authorization_code', 'refresh_token'] },
  { ...person, client_id: 'e2e-device', client_secret: secret, redirect_uris: [], response_types: [],
    grant_types: ['refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'] },
];

const seed = async (provider, { kind, client, state }) => {
  const owner = await provider.Client.find(client);
  const grant = new provider.Grant({ accountId: 'user-1', clientId: client });
  grant.addOIDCScope('openid offline_access read write');
  grant.addResourceScope(audience, 'read write');
  const common = { client: owner, accountId: 'user-1', grantId: await grant.save(), claims: {}, scope: 'openid offline_access read write', gty: 'authorization_code' };
  const model = kind === 'refresh' ? provider.RefreshToken : provider.AccessToken;
  const token = new model({ ...common, expiresWithSession: false, rotations: 0, iiat: Math.floor(Date.now() / 1000), authTime: 1, ...(kind === 'refresh' && { resource: audience }) });
  if (kind === 'opaque') token.scope = 'openid';
  const value = await token.save(state === 'expired' ? 1 : 600);
  if (state === 'expired') { token.exp = Math.floor(Date.now() / 1000) - 60; await token.save(600); }
  if (state === 'used') await token.consume();
  if (state === 'revoked') await token.destroy();
  return value;
};

let handler = (request, response) => response.end();
const server = createServer((request, response) => handler(request, response));
server.listen(Number(portText), '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    jwks: { keys: [jwk] },
    scopes: ['read', 'write', 'admin', 'openid', 'offline_access'],
    clients,
    findAccount: (context, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    // What other resource servers than Express want to find in a token.
    extraTokenClaims: () => ({ token_type: 'access', user_id: 1 }),
    rotateRefreshToken: true,
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      deviceFlow: { enabled: true },
      dPoP: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      revocation: { enabled: true, allowedPolicy: () => true },
      userinfo: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: (context) => (context.oidc.client.grantTypeAllowed('client_credentials') ? audience : undefined),
        useGrantedResource: () => true,
        getResourceServerInfo: (context, resource) => {
          if (resource !== audience) throw new errors.InvalidTarget();
          return { scope: 'read write admin', audience, accessTokenFormat: 'jwt', accessTokenTTL: 600, jwt: { sign: { alg: 'RS256' } } };
        },
      },
    },
  });
  handler = provider.callback();
  const control = createServer((request, response) => {
    const asked = Object.fromEntries(new URL(request.url, issuer).searchParams);
    seed(provider, asked).then((value) => response.end(value), (error) => response.writeHead(500).end(String(error)));
  });
  control.listen(0, '127.0.0.1', () => {
    process.stdout.write(`${JSON.stringify({ issuer, jwk, seeded: `http://127.0.0.1:${control.address().port}/` })}\n`);
  });
});
