"""Events in short notation, and random histories of them."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from learnorg_rules.events import Event

START = datetime(2005, 1, 1, tzinfo=UTC)


def day(number: int) -> datetime:
    """Noon of the day, counted from 1 January 2005."""
    return START + timedelta(days=number - 1, hours=12)


def event(id_: str, minutes: int = 60, on: int = 1, **more: object) -> Event:
    return Event(id_, "forum", "u1", day(on), fields={"minutes": minutes}, **more)  # type: ignore[arg-type]


IDS = "abcdef"


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Few ids, so that resends, conflicts, chains, rivals, circles and voids of everything are common."""
    one = st.builds(
        lambda id_, source, minutes, recorded, role, target: event(
            id_,
            minutes,
            on=ord(id_) - 96,
            source=source,
            recorded_at=None if recorded is None else day(recorded),
            corrects=target if role in ("corrects", "both") else None,
            voids=target if role in ("voids", "both") else None,
        ),
        st.sampled_from(IDS),
        st.sampled_from(["", "", "s"]),
        st.sampled_from([60, 60, 60, 90]),
        st.sampled_from([None, 3, 7, 11]),
        st.sampled_from(["", "", "corrects", "corrects", "voids", "both"]),
        st.sampled_from(IDS + "x"),
    )
    singles = draw(st.lists(one, max_size=9, unique_by=lambda e: e.identity))
    return (
        singles
        + draw(st.lists(one, max_size=2))
        + draw(st.lists(st.sampled_from(singles), max_size=3) if singles else st.just([]))
    )
