-- Secrets that sign only for a while yet.
CREATE INDEX endpoint_overlapping ON endpoint (previous_until) WHERE previous_until IS NOT NULL;
