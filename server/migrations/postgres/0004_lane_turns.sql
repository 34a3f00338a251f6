-- Lanes take turns: a look at what is due goes on behind the lane where the last one ended, however many are due since the
-- same moment.
CREATE INDEX lane_turn ON lane (due, endpoint) WHERE due IS NOT NULL;
DROP INDEX lane_due;
