"""An API protected by Flask-JWT-Extended. Argument: JSON {issuer, audience, jwk}; first line of output: JSON {url}."""

import json
import sys

import jwt
from flask import Flask, jsonify
from flask_jwt_extended import JWTManager, get_jwt, jwt_required
from werkzeug.serving import make_server

given = json.loads(sys.argv[1])
app = Flask(__name__)
app.config.update(
    JWT_ALGORITHM="RS256",
    JWT_PUBLIC_KEY=jwt.PyJWK(given["jwk"]).key,
    JWT_DECODE_ISSUER=given["issuer"],
    JWT_DECODE_AUDIENCE=given["audience"],
)
manager = JWTManager(app)


@manager.token_in_blocklist_loader
def blocked(_header, payload):
    return payload.get("jti", "").startswith("revoked-")


@app.get("/v2/me")
@jwt_required()
def me():
    return jsonify(subject=get_jwt()["sub"])


@app.get("/v2/admin")
@jwt_required()
def admin():
    if "admin" not in get_jwt().get("scope", "").split():
        return jsonify(msg="Admins only!"), 403
    return jsonify(admin=True)


server = make_server("127.0.0.1", 0, app, threaded=True)
print(json.dumps({"url": f"http://127.0.0.1:{server.port}"}), flush=True)
server.serve_forever()
