// An Express API protected by express-oauth2-jwt-bearer on 127.0.0.1. First line of output: JSON {url}.
import express from 'express';
import { auth, requiredScopes } from 'express-oauth2-jwt-bearer';

const [portText, issuer, audience] = process.argv.slice(2);
const app = express();
app.use(auth({ issuer, jwksUri: `${issuer}/jwks`, audience, tokenSigningAlg: 'RS256' }));
app.get('/v2/me', requiredScopes('read'), (request, response) => response.json({ subject: request.auth.payload.sub }));
app.get('/v2/admin', requiredScopes('admin'), (request, response) => response.json({ admin: true }));
app.use((error, request, response, next) => {
  response.status(error.status ?? 500).set(error.headers ?? {}).json({ message: error.message });
});
const server = app.listen(Number(portText), '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${server.address().port}` })}\n`);
});
