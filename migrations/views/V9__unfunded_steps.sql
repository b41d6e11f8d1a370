-- A step waits for its budget in a phase of its own.
alter table views.steps
    drop constraint steps_status_check,
    add constraint steps_status_check check (status in
        ('waiting', 'asking', 'unfunded', 'ready', 'assigned', 'backing_off', 'timed',
         'completed', 'failed', 'skipped', 'cancelled', 'undone'));
