"""APIs protected as FastAPI's security tutorial does it. Argument: JSON {issuer, audience, jwk}; first line of output: JSON {url}.

`/v2/..` uses OAuth2PasswordBearer with SecurityScopes, `/http/v2/..` HTTPBearer; PyJWT decides.
"""

import json
import socket
import sys

import jwt
import uvicorn
from fastapi import Depends, FastAPI, HTTPException, Security, status
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, OAuth2PasswordBearer, SecurityScopes

given = json.loads(sys.argv[1])
key = jwt.PyJWK(given["jwk"]).key
app = FastAPI()
oauth2 = OAuth2PasswordBearer(tokenUrl="token", scopes={"read": "Read.", "admin": "Administer."})
bearer = HTTPBearer()


def claims_of(token):
    claims = jwt.decode(token, key, algorithms=["RS256"], audience=given["audience"], issuer=given["issuer"])
    if claims.get("jti", "").startswith("revoked-"):
        raise jwt.InvalidTokenError
    return claims


def user(security_scopes: SecurityScopes, token: str = Depends(oauth2)):
    value = f'Bearer scope="{security_scopes.scope_str}"' if security_scopes.scopes else "Bearer"
    refused = HTTPException(status.HTTP_401_UNAUTHORIZED, "Could not validate credentials", {"WWW-Authenticate": value})
    try:
        claims = claims_of(token)
    except jwt.InvalidTokenError:
        raise refused from None
    if any(scope not in claims.get("scope", "").split() for scope in security_scopes.scopes):
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "Not enough permissions", {"WWW-Authenticate": value})
    return claims


def spoken(credential: HTTPAuthorizationCredentials = Depends(bearer)):
    try:
        return claims_of(credential.credentials)
    except jwt.ExpiredSignatureError:
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "Token has expired") from None
    except jwt.PyJWTError as error:
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, f"Invalid token: {error}") from None


@app.get("/v2/me")
def me(claims=Security(user, scopes=["read"])):
    return {"subject": claims["sub"]}


@app.get("/v2/admin")
def admin(claims=Security(user, scopes=["admin"])):
    return {"admin": True}


@app.get("/http/v2/me")
def http_me(claims=Depends(spoken)):
    return {"subject": claims["sub"]}


@app.get("/http/v2/admin")
def http_admin(claims=Depends(spoken)):
    if "admin" not in claims.get("scope", "").split():
        raise HTTPException(status.HTTP_403_FORBIDDEN, "Not enough permissions")
    return {"admin": True}


listening = socket.socket()
listening.bind(("127.0.0.1", 0))
print(json.dumps({"url": f"http://127.0.0.1:{listening.getsockname()[1]}"}), flush=True)
uvicorn.Server(uvicorn.Config(app, log_level="warning")).run([listening])
