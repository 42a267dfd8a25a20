"""A list of files on its way to one repository of the Hub: shown, or sent in one commit."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, constants
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalTokenNotFoundError, OfflineModeIsEnabled
from huggingface_hub.utils import validate_repo_id

from xai import hub, weights


class Refused(Exception):
    """What was asked cannot be deployed as things stand. The message is one sentence that names the mend."""


class Failed(Exception):
    """The Hub could not be reached or did not accept. The message is one sentence that names the mend."""


@dataclass(frozen=True)
class File:
    """A file as it goes up: ``name`` in the repository, with forward slashes, and the local ``path``."""

    name: str
    path: Path

    def __post_init__(self) -> None:
        if self.path.is_symlink() or not self.path.is_file():
            raise Refused(
                f"{self.path} has to go up as {self.name} and is not a plain file: restore or write it first."
            )


@dataclass(frozen=True)
class Upload:
    """Files for one repository.

    Attributes:
        kind: ``"model"`` or ``"space"``.
        repo: ``OWNER/NAME``.
        files: in the order shown.
        owned: folders of the repository that hold nothing but ``files``; whatever else lies there is removed.
    """

    kind: str
    repo: str
    files: list[File]
    owned: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        try:
            validate_repo_id(self.repo)
        except HFValidationError as error:
            raise Refused(f"{self.repo!r} is not a repository name ({hub.reason(error)}).") from error
        if "/" not in self.repo:
            raise Refused(f"{self.repo!r} names no owner: write OWNER/{self.repo}.")

    def describe(self) -> str:
        """One line per file (bytes, SHA-256, name) under a heading, and the total."""
        sizes = [file.path.stat().st_size for file in self.files]
        lines = [f"{self.kind} {self.repo}", f"{'bytes':>12}  {'SHA-256':<64}  path"]
        lines += [
            f"{size:>12,}  {weights.digest(file.path)}  {file.name}"
            for file, size in zip(self.files, sizes, strict=True)
        ]
        return "\n".join([*lines, f"{sum(sizes):>12,}  in {len(sizes)} files"])

    def send(self, message: str, private: bool = False) -> str:
        """Create the repository if need be, and commit all files at once.

        Args:
            message: of the commit.
            private: for a new repository; an existing one has to be private already.

        Returns:
            The commit's id, 40 hex digits.

        Raises:
            Failed: the Hub could not be reached or did not accept.
            Refused: ``private`` was asked of a repository that is public.
        """
        try:
            return self._commit(sign_in(), message, private)
        except Refused:
            raise
        except Exception as error:
            raise Failed(sentence(error, self.repo)) from error

    def _commit(self, api: HfApi, message: str, private: bool) -> str:
        sdk = "gradio" if self.kind == "space" else None
        api.create_repo(self.repo, repo_type=self.kind, private=private or None, space_sdk=sdk, exist_ok=True)
        if private and not api.repo_info(self.repo, repo_type=self.kind).private:
            raise Refused(f"{self.repo} exists and is public: make it private on its page, or leave out --private.")
        operations = [CommitOperationAdd(file.name, file.path) for file in self.files]
        if self.owned:
            ours = {file.name for file in self.files}
            there = api.list_repo_files(self.repo, repo_type=self.kind)
            stale = [name for name in there if name.split("/")[0] in self.owned and name not in ours]
            operations += [CommitOperationDelete(name) for name in stale]
        return api.create_commit(self.repo, operations, repo_type=self.kind, commit_message=message).oid


def sign_in() -> HfApi:
    """The Hub's client, once it is known that the Hub answers and knows the user's token."""
    api = HfApi()
    hub.promptly(api.whoami)
    return api


def sentence(error: Exception, repo: str) -> str:
    """What went wrong between us and the Hub, and what to do about it."""
    status = error.response.status_code if isinstance(error, HfHubHTTPError) else None
    if isinstance(error, OfflineModeIsEnabled):
        return "Offline mode is on: unset HF_HUB_OFFLINE to deploy."
    if isinstance(error, LocalTokenNotFoundError) or status == 401:
        return "The Hub does not know you: log in with `hf auth login` and a token that may write."
    if status in (403, 404):
        return f"Your token may not write to {repo}: check the name, or log in with another one by `hf auth login`."
    why = f"status {status}" if status else hub.reason(error.__cause__ or error)
    return f"{constants.ENDPOINT} did not take {repo} ({why}): check the network and try again."
