"""The district-year workload in plain Python, one event after the other: what every other peer is compared with."""

from workload import AFTER, APRIL, FIRST, Organisation, arguments, calendar, rows, write


def main() -> None:
    """Count every line, write the sheets."""
    given = arguments()
    organisation = Organisation(given.org)
    sheets_of_unit, sheets_of_member, age = (
        organisation.sheets_of_unit, organisation.sheets_of_member, organisation.age,
    )  # fmt: skip
    bits = calendar()
    seen: set[str] = set()
    lines = rejected = outside = accepted = 0
    for lines, event in enumerate(rows(given.events), start=1):  # noqa: B007 - the last number is how many there were
        if event["id"] in seen:
            continue
        seen.add(event["id"])
        sheets = sheets_of_unit.get(event["unit"])
        if sheets is None:
            rejected += 1
            continue
        time = event["time"]
        if not FIRST <= time < AFTER:
            outside += 1
            continue
        accepted += 1
        kind, person = event["kind"], event["person"]
        if kind == "study_session":
            week, minutes = bits[time[:10]].week, event["minutes"]
            own = sheets_of_member.get(person, ())
            for sheet in sheets:
                sheet.study_weeks |= week
                if sheet in own:
                    sheet.attended.add(person)
                    sheet.study_minutes += minutes
        elif kind == "forum" or kind == "salon":
            day = bits[time[:10]]
            own = sheets_of_member.get(person, ())
            for sheet in sheets:
                if kind == "forum":
                    sheet.forum_quarters |= day.quarter
                else:
                    sheet.salon_months |= day.month
                if sheet in own:
                    sheet.attended.add(person)
        elif kind == "meeting":
            for sheet in sheets:
                sheet.meeting_quarters |= bits[time[:10]].quarter
        elif kind == "exam":
            if event["passed"] and person in age and age[person] <= 45:
                own = sheets_of_member[person]
                for sheet in sheets:
                    if sheet in own:
                        sheet.passed_to_45.add(person)
                        if age[person] <= 35:
                            sheet.passed_to_35.add(person)
        elif kind == "resource_shared":
            for sheet in sheets:
                sheet.shared_months |= bits[time[:10]].month
        elif kind == "report_heard":
            for sheet in sheets:
                sheet.reports += 1
        elif kind == "plan_filed":
            for sheet in sheets:
                sheet.plans += 1
                sheet.early_plans += time < APRIL
        elif event["score"] is not None:
            tenths = round(event["score"] * 10)
            if kind == "poll":
                minutes = event["minutes"]
                for sheet in sheets:
                    sheet.poll_weighted += tenths * minutes
                    sheet.poll_minutes += minutes
            elif kind == "inspection":
                for sheet in sheets:
                    sheet.inspected_tenths += tenths
                    sheet.inspections += 1
            elif kind == "funds_allocated":
                for sheet in sheets:
                    sheet.granted_tenths += tenths
    counts = {"accepted": accepted, "duplicate": lines - len(seen), "rejected": rejected, "outside": outside}
    write(given.out, organisation.rated, counts)


if __name__ == "__main__":
    main()
