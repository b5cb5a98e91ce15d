-- Closed cases are followed until their last questionnaire, and a group of patients is made from what is kept of each: every
-- outline of an older program is made again from the events when a list is next read.

DELETE FROM outlines;
