// An OpenID provider (npm oidc-provider) on 127.0.0.1: client_credentials with resource indicators, introspection, revocation.
// First line of output: JSON {issuer, jwk}: the private signing key, so that a test can make tokens the provider would never issue.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const [portText, audience] = process.argv.slice(2);
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const jwk = { ...privateKey.export({ format: 'jwk' }), kid: 'provider-key-1', use: 'sig', alg: 'RS256' };

const server = createServer((request, response) => handler(request, response));
let handler = (request, response) => response.end();
server.listen(Number(portText), '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    jwks: { keys: [jwk] },
    scopes: ['read', 'write', 'admin'],
    clients: [{
      client_id: 'e2e-client',
      client_secret: 'plainly-fake-e2e-secret-000000000000',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      token_endpoint_auth_method: 'client_secret_basic',
      scope: 'read write',
    }],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => audience,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: 'read write admin', audience, accessTokenFormat: 'jwt', accessTokenTTL: 600, jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
  });
  handler = provider.callback();
  process.stdout.write(`${JSON.stringify({ issuer, jwk })}\n`);
});
