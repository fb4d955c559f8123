"""Whose signatures count."""

from typing import Self

from pydantic import Field, model_validator

from builder.matrix.schema.names import Strict, Text


class Signatory(Strict):
    """Who signs: the owner of a key, or an identity that an OIDC issuer vouches for."""

    key: Text | None = Field(
        default=None,
        description="A public key: a file beside the matrix, or a KMS URI.",
        examples=["receipts.pub", "awskms:///alias/receipts"],
    )
    identity: Text | None = Field(
        default=None, description="An address, or the URL of a workflow; it goes with `issuer`."
    )
    issuer: Text | None = Field(
        default=None,
        description="The OIDC issuer that vouches for the identity.",
        examples=["https://token.actions.githubusercontent.com"],
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        if bool(self.identity) != bool(self.issuer) or bool(self.key) == bool(self.identity):
            raise ValueError("whoever signs is known by a `key`, or by an `identity` with its `issuer`")
        return self
