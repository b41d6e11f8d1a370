-- Rows of what runs are written again and again: with room left on their page they are changed
-- there, and no index has to hear of it.
alter table views.workflows set (fillfactor = 70);
alter table views.steps set (fillfactor = 60);
