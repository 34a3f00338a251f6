"""The flags of the cases, as lists, which is what a test has."""

FORGED, INCOMPLETE, SEVERAL, UNSIGNED, URL, CLAIMS, TIME = (
    [flag] for flag in ("Forged", "Incomplete", "Several", "Unsigned", "Url", "Claims", "Timestamp")
)
