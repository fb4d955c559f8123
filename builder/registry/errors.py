"""What can go wrong at a registry, by meaning: the exit code, and whether another try may help."""

from typing import ClassVar, Self

from builder.model.errors import BuilderError, ExitCode


class RegistryError(BuilderError):
    """A registry's answer cannot be used, or the registry refuses what was asked.

    `retry_after`: seconds that it wants to be left alone. `status` and `codes`: the HTTP status and
    the specification's error codes that it gave.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.REGISTRY
    temporary: ClassVar[bool] = False

    def __init__(
        self,
        what: str,
        *,
        where: str,
        fix: str,
        retry_after: float | None = None,
        status: int = 0,
        codes: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(self.exit_code, what, where=where, fix=fix)
        self.retry_after = retry_after
        self.status = status
        self.codes = codes

    def tried(self, times: int) -> Self:
        """The same error after so many tries."""
        return type(self)(
            f"{self.what} (tried {times} times)" if times > 1 else self.what,
            where=str(self.where),
            fix=self.fix,
            retry_after=self.retry_after,
            status=self.status,
            codes=self.codes,
        )


class UnauthorizedError(RegistryError):
    """Credentials are missing, wrong, or do not reach far enough."""

    exit_code = ExitCode.UNAUTHORIZED


class NotFoundError(RegistryError):
    """The registry itself says that it does not have this. Never raised for "could not tell"."""

    exit_code = ExitCode.NOT_FOUND


class UnavailableError(RegistryError):
    """The registry could not be asked, or could not answer."""

    exit_code = ExitCode.UNAVAILABLE
    temporary = True


class DigestMismatchError(RegistryError):
    """Content does not have the digest or the size that it was asked for by."""

    exit_code = ExitCode.DIGEST_MISMATCH
    temporary = True


class UnreachableError(UnavailableError):
    """The registry cannot be asked from here: its name, certificate or proxy is wrong, and stays so."""

    temporary = False
