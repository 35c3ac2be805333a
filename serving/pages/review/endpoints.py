"""All pages of the queue as one router."""

from __future__ import annotations

from fastapi import APIRouter

from serving.pages.review import account, audit_page, browse, settings_page, team, work

router = APIRouter(include_in_schema=False)
for page in (work, browse, team, settings_page, audit_page, account):
    router.include_router(page.router)
