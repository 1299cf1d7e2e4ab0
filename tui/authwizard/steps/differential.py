"""Which answers are the same answer? The comparison the decision table stands on (CHECKS 13.2)."""

from __future__ import annotations

from authwizard.knowledge.signature import challenges_of, same
from authwizard.model.evidence import Anonymous, AnonymousAgain, ExchangeSeen
from authwizard.model.exchange import Exchange
from authwizard.model.finding import Grade
from authwizard.model.frozen import dataclass
from authwizard.steps.answers import explained, is_login_page
from authwizard.steps.soft_refusal import soft_failure

CANONICAL = ("Bearer", "Basic", "Digest", "DPoP")
"""Scheme words as their RFCs spell them."""
_LOWER = {Grade.S: Grade.M, Grade.M: Grade.W, Grade.XS: Grade.XM}


def only_spelling(scheme: str) -> bool:
    """Whether a scheme word is a registered one in other letters ("bearer"): legal, and refused by some servers (RFC 9110 11.1)."""
    return scheme not in CANONICAL and scheme.lower() in {word.lower() for word in CANONICAL}


@dataclass(frozen=True)
class Comparison:
    """Compares answers under the two-sample rule of CHECKS 13.2.

    `volatile`: two equal requests got different answers, so bodies are left out. `steady`: two equal requests were seen to get
    equal answers; before that no difference between bodies counts as one.
    """

    volatile: bool
    steady: bool = True

    def same(self, one: ExchangeSeen, other: ExchangeSeen) -> bool:
        """Tell whether two probes got the same answer."""
        return same(one.exchange, other.exchange, ignore_body=self.volatile)

    def differ(self, one: ExchangeSeen, other: ExchangeSeen) -> bool:
        """Tell whether two answers of the API differ in what is known not to vary by itself.

        No answer, a limit, an error of the server or a firewall's page is no answer to the credential, so it differs from nothing.
        """
        if not (is_judgement(one.exchange) and is_judgement(other.exchange)):
            return False
        return not same(one.exchange, other.exchange, ignore_body=self.volatile or not self.steady)

    def grade(self, grade: Grade) -> Grade:
        """Return the grade, one lower where bodies had to be left out."""
        return _LOWER.get(grade, grade) if self.volatile else grade


def comparison(anonymous: Anonymous | None, again: AnonymousAgain | None) -> Comparison:
    """Return how answers of this API are to be compared, by what two requests without a credential got."""
    if anonymous is None or again is None or again.exchange.status is None:
        return Comparison(volatile=False, steady=False)
    alike = same(anonymous.exchange, again.exchange)
    return Comparison(volatile=not alike, steady=alike)


def is_judgement(exchange: Exchange) -> bool:
    """Whether an answer may be the API's judgement of a credential: it came, and it is no limit, failure or block page."""
    if exchange.status is None or exchange.status in (407, 429) or exchange.status >= 500:
        return False
    return exchange.header("cf-mitigated") is None and "waf_blocked" not in explained(exchange).message.causes


def refuses(exchange: Exchange) -> bool:
    """Whether an answer refuses the caller (the table assumes P0 does): 400, 401, 403, 422, or a success that says so inside."""
    return exchange.status in (400, 401, 403, 422) or (exchange.ok and not accepts(exchange))


def accepts(exchange: Exchange) -> bool:
    """Whether an answer is a success, and not one that holds a refusal or a login page."""
    return exchange.ok and not soft_failure(exchange) and not is_login_page(exchange)


def says_absent(exchange: Exchange) -> bool:
    """Whether an answer's words say that no credential was seen."""
    return explained(exchange).message.kind == "absent"


def bare_bearer_challenge(exchange: Exchange) -> bool:
    """Whether a 401 carries a Bearer challenge without an error code (RFC 6750 3.1: no authentication information was seen)."""
    bearer = [c for c in challenges_of(exchange) if c.scheme == "bearer"]
    return exchange.status == 401 and bool(bearer) and not any(c.params.get("error") for c in bearer)


def speaks_of_a_token(exchange: Exchange) -> bool:
    """Whether an answer's words are about a token it has seen, however vaguely ("invalid or expired")."""
    message = explained(exchange).message
    return message.kind == "names" or (message.kind == "ambiguous" and bool(message.causes))


def shows_absence(exchange: Exchange, scheme: str) -> bool:
    """Whether an answer has a positive sign that no credential arrived (CHECKS R6): its words, or by RFC 6750 a bare challenge.

    Many servers never name an error, so a bare challenge beside words about a token is no such sign.
    """
    if says_absent(exchange):
        return True
    return scheme in ("Bearer", "DPoP") and bare_bearer_challenge(exchange) and not speaks_of_a_token(exchange)
