"""What tickets refer to: teams, categories and technicians."""

from __future__ import annotations

from fastapi import APIRouter

from desk.api.v1.context import AtDesk, Me
from desk.api.v1.shapes import CategoryOut, TeamOut, TechnicianOut
from desk.store import teams, technicians

router = APIRouter()


@router.get("/teams", tags=["teams"], summary="All teams")
async def list_teams(here: AtDesk, _: Me) -> list[TeamOut]:
    """By name. `key` is what tickets refer to."""
    return [TeamOut.model_validate(team) for team in await here.read(teams.everyone)]


@router.get("/categories", tags=["categories"], summary="All categories")
async def list_categories(here: AtDesk, _: Me) -> list[CategoryOut]:
    """By name. `key` is what tickets refer to."""
    return [CategoryOut.model_validate(category) for category in await here.read(teams.all_categories)]


@router.get("/technicians", tags=["technicians"], summary="All technicians")
async def list_technicians(here: AtDesk, _: Me) -> list[TechnicianOut]:
    """By name."""
    return [TechnicianOut.model_validate(technician) for technician in await here.read(technicians.everybody)]
