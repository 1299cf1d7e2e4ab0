// Express APIs protected by three libraries, each on a port of its own on 127.0.0.1. Arguments: issuer, audience.
// First line of output: JSON {bearer, dpop, jwt, jwt_quiet, passport, key}: the addresses.
import express from 'express';
import { expressjwt } from 'express-jwt';
import { auth, requiredScopes } from 'express-oauth2-jwt-bearer';
import jwksRsa from 'jwks-rsa';
import passport from 'passport';
import { ExtractJwt, Strategy } from 'passport-jwt';

const [issuer, audience] = process.argv.slice(2);
const jwksUri = `${issuer}/jwks`;
const admin = (request, response) => response.json({ admin: true });
const me = (request, response) => response.json({ subject: (request.auth?.payload ?? request.auth ?? request.user).sub });
const revoked = (claims) => String(claims?.jti ?? '').startsWith('revoked-');
const needs = (scope) => (request, response, next) =>
  (String((request.auth ?? request.user).scope ?? '').split(' ').includes(scope) ? next() : response.status(403).json({ message: 'Forbidden' }));

// The library's own words and headers, as its documentation passes them on.
const bearer = (extra) => {
  const app = express();
  app.use(auth({ issuer, jwksUri, audience, tokenSigningAlg: 'RS256', ...extra }));
  app.get('/v2/me', requiredScopes('read'), me);
  app.get('/v2/admin', requiredScopes('admin'), admin);
  app.use((error, request, response, next) => {
    response.status(error.status ?? 500).set(error.headers ?? {}).json({ message: error.message });
  });
  return app;
};

// No error handler of its own: Express writes an HTML page, with the library's message outside production.
const jwt = (env) => {
  const app = express();
  app.set('env', env);
  app.use(expressjwt({
    secret: jwksRsa.expressJwtSecret({ jwksUri, cache: true }), algorithms: ['RS256'], issuer, audience,
    isRevoked: (request, token) => revoked(token?.payload),
  }));
  app.get('/v2/me', me);
  app.get('/v2/admin', needs('admin'), admin);
  app.use((error, request, response, next) => { if (env === 'production') error.stack = ''; next(error); });
  return app;
};

// passport answers every failure with the twelve bytes "Unauthorized" and no challenge.
const passportJwt = () => {
  const app = express();
  passport.use(new Strategy({
    jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(), secretOrKeyProvider: jwksRsa.passportJwtSecret({ jwksUri, cache: true }),
    algorithms: ['RS256'], issuer, audience,
  }, (claims, done) => done(null, revoked(claims) ? false : claims)));
  app.use(passport.authenticate('jwt', { session: false }));
  app.get('/v2/me', me);
  app.get('/v2/admin', needs('admin'), admin);
  return app;
};

// A key in a header of the API's own, as many a handwritten middleware checks it.
const apiKey = () => {
  const app = express();
  app.use((request, response, next) => (
    request.get('X_Auth_Token') === 'plainly-fake-api-key-0000000000' ? next() : response.status(401).json({ error: 'X_Auth_Token is missing or wrong' })));
  app.get('/v2/me', (request, response) => response.json({ subject: 'key' }));
  return app;
};

const apps = {
  key: apiKey(),
  bearer: bearer({ dpop: { enabled: false } }), dpop: bearer({ dpop: { enabled: true, required: true } }),
  jwt: jwt('development'), jwt_quiet: jwt('production'), passport: passportJwt(),
};
const listening = Object.entries(apps).map(([name, app]) => new Promise((resolve) => {
  const server = app.listen(0, '127.0.0.1', () => resolve([name, `http://127.0.0.1:${server.address().port}`]));
}));
process.stdout.write(`${JSON.stringify(Object.fromEntries(await Promise.all(listening)))}\n`);
