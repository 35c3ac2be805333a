"""Posts and notices as platforms send them. Fields that are not listed are ignored."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from classifier.records import MAX_TEXT_CHARACTERS
from serving.clock import utc_now
from serving.review.api import wire
from serving.review.records import Notice, PostKind, Source, Submission
from serving.scoring.schemas import MAX_POSTS

_CLOCK_SKEW = timedelta(days=1)


class _PostFields(BaseModel):
    """What a platform may say of a post besides its text."""

    platform: wire.Platform | None = Field(
        default=None, description="The key's platform, and no other. Default: the same."
    )
    post_id: wire.PostId = Field(description="What the platform calls the post, once and for all.")
    title: str | None = Field(default=None, description="Scored as title, newline, text.")
    kind: PostKind = PostKind.POST
    author: wire.Author | None = Field(default=None, description="Kept as a keyed hash alone.")
    url: wire.Url | None = Field(default=None, description="Where the post stands.")
    created_at: wire.Moment | None = Field(
        default=None, description="When it was posted, with the zone; not in the future."
    )
    reach: wire.Reach | None = Field(default=None, description="How many people saw it.")
    language: wire.LanguageOrBlank | None = Field(
        default=None, description="Of the text (BCP 47). Default: what the model takes it for."
    )

    @field_validator("title", "author", "url", "language")
    @classmethod
    def _blank_is_absent(cls, value: str | None) -> str | None:
        return value or None

    @field_validator("created_at")
    @classmethod
    def _not_in_the_future(cls, value: datetime | None) -> datetime | None:
        # A platform's clock may be ahead of this one, or its zone mistaken; not by more than a day.
        if value is not None and value > utc_now() + _CLOCK_SKEW:
            raise ValueError("the moment is in the future")
        return value

    def _submission(self, platform: str, text: str, source: Source) -> Submission:
        return Submission(
            platform=platform,
            post_id=self.post_id,
            text=text,
            title=self.title,
            kind=self.kind,
            author=self.author,
            url=self.url,
            created_at=self.created_at,
            reach=self.reach,
            source=source,
            language=self.language,
        )


class PostSubmission(_PostFields):
    """A post to score, keep, and put into the queue where its score says so."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "post_id": "post-17",
                "text": "Boat Saturday, 3 seats left, pay on arrival.",
                "kind": "advert",
                "author": "user-8",
                "url": "https://example.org/posts/17",
                "created_at": "2026-05-17T09:30:00Z",
                "reach": 1200,
            }
        }
    )

    text: str = Field(
        description=f"Not blank; with the title at most {MAX_TEXT_CHARACTERS:,} characters."
    )
    source: Source = Field(
        default=Source.VOLUNTARY, description="Who brought it to the platform's attention."
    )

    def to_record(self, platform: str) -> Submission:
        return self._submission(platform, self.text, self.source)


class NoticeOfPost(_PostFields):
    """Someone told the platform about a post. It is queued whatever its score."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "post_id": "post-17",
                "source": "trusted_flagger",
                "note": "The same number offers crossings on three other pages.",
            }
        }
    )

    source: Literal[Source.USER_NOTICE, Source.TRUSTED_FLAGGER] = Source.USER_NOTICE
    note: wire.Note | None = Field(default=None, description="What the notice says.")
    text: str | None = Field(
        default=None, description="The post, where it was not handed in before or reads otherwise."
    )

    def to_record(self, platform: str) -> Notice:
        post = None if self.text is None else self._submission(platform, self.text, self.source)
        return Notice(platform, self.post_id, self.source, self.note, post)


class PostsBatch(BaseModel):
    """Posts to take in together. One that cannot be taken gets an error record in its place."""

    # Each post is checked on its own, so that one bad one does not refuse the others.
    posts: list[Any] = Field(
        max_length=MAX_POSTS,
        json_schema_extra={"items": {"$ref": "#/components/schemas/PostSubmission"}},
    )
